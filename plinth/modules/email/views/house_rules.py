# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules of all mailboxes in one table, to read and to print."""

from typing import Any

from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from ..directory.house_rules import MailboxRules, all_rules
from ..directory.store import Store
from ..words.house_rules import SENTENCES
from ..words.text import Sentence
from .page import Page

MOST = 60
"""Mailboxes on the page; the command shows all."""


def shown(found: MailboxRules) -> dict[str, Any]:
    """A row of the table."""
    sentences = [Sentence(SENTENCES[rule.kind], rule.params) for rule in found.rules]
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
