# SPDX-License-Identifier: AGPL-3.0-or-later
"""Form that searches for messages: one box, and more terms folded away.

A search is in the address of its page, so it can be kept and sent to others.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..words import trace
from .base import MailForm
from .fields import plain_input

LONGEST = 320
RESULTS = tuple(trace.RESULTS)
_QUEUE_ID = re.compile('[0-9A-Za-z]{6,20}')
_DOMAIN = re.compile(r'@?[^@\s<>]+\.[^@\s<>.]+')


def _day(day: date | None, days: int = 0) -> str:
    """The moment a day begins as text, '' for no day."""
    if day is None:
        return ''
    begins = datetime.combine(day + timedelta(days=days), time())
    return str(timezone.make_aware(begins).isoformat())


def terms_of(text: str) -> list[dict[str, str]]:
    """The searches one text may stand for, the likeliest first; none for no text.

    An address and a Message-ID look alike, so the latter is tried where no address is found.
    """
    text = text.strip()
    if not text:
        return []
    if _QUEUE_ID.fullmatch(text):
        return [{'queue_id': text}]
    if '<' not in text and _DOMAIN.fullmatch(text):
        return [{'address': f'@{text.removeprefix("@")}'}]
    if '<' not in text and '@' in text:
        return [{'address': text}, {'message_id': text}]
    return [{'message_id': text}]


class MessageSearch(MailForm):
    """An address, a domain or a Message-ID; a result; and days."""

    rare: ClassVar[tuple[str, ...]] = ('result', 'since', 'until')
    culprits: ClassVar[dict[str, str]] = {
        'address-invalid': 'q', 'domain-invalid': 'q', 'message-id-invalid': 'q',
        'result-invalid': 'result', 'time-invalid': 'since',
    }  # fmt: skip

    q = forms.CharField(
        label=_('Address, domain or Message-ID'),
        required=False,
        max_length=LONGEST,
        widget=plain_input(type='search'),
    )
    result = forms.ChoiceField(
        label=_('Result'),
        required=False,
        choices=(('', _('All results')), *((name, _(trace.RESULTS[name])) for name in RESULTS)),
    )
    since = forms.DateField(
        label=_('From'), required=False, widget=forms.DateInput(attrs={'type': 'date'})
    )
    until = forms.DateField(
        label=_('Until'), required=False, widget=forms.DateInput(attrs={'type': 'date'})
    )

    @property
    def is_search(self) -> bool:
        """Whether anything is asked for."""
        return any(self.data.get(name) for name in ('q', *self.rare))

    def searches(self) -> list[dict[str, Any]]:
        """The searches to try one after the other, in the terms of root's action."""
        values = self.cleaned_data
        common = {
            'result': values['result'],
            'since': _day(values['since']),
            'until': _day(values['until'], 1),
        }
        return [{**common, **terms} for terms in terms_of(values['q']) or [{}]]
