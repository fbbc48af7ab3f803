# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules of all mailboxes in one table, to read and to print."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from ..directory.house_rules import MailboxRules, all_rules
from ..directory.store import Store
from ..errors import Value
from ..words.house_rules import SENTENCES
from ..words.text import Sentence
from .page import Page

MOST = 60
"""Mailboxes on the page; the command shows all."""
_DAYS = ('day', 'last')
_UNBROKEN = str.maketrans('-', '\N{NON-BREAKING HYPHEN}')


def _readable(params: Mapping[str, Value]) -> dict[str, Any]:
    """Values as people write them: days in their language, and times in one piece."""
    values: dict[str, Any] = dict(params)
    for name in params.keys() & _DAYS:
        values[name] = date.fromisoformat(values[name])
    if 'times' in params:
        values['times'] = values['times'].translate(_UNBROKEN)
    return values


def shown(found: MailboxRules) -> dict[str, Any]:
    """A row of the table."""
    sentences = [Sentence(SENTENCES[rule.kind], _readable(rule.params)) for rule in found.rules]
    return {'address': found.address, 'owner': found.owner, 'rules': sentences}


class HouseRules(Page, TemplateView):
    """All rules of all mailboxes."""

    template_name = 'email-house-rules.html'
    title = gettext_lazy('Rules of all mailboxes')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mailboxes that have rules."""
        with Store() as store:
            found, more = all_rules(store, MOST)
        return super().get_context_data(rows=[shown(each) for each in found], more=more, **kwargs)
