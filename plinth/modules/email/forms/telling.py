# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms for where and when administrators are told of problems."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..words.text import Text
from .base import MailForm

_NONE: list[tuple[str, Text]] = [('', _('No quiet hours'))]
_HOURS: list[tuple[str, Text]] = [(str(hour), f'{hour:02}:00') for hour in range(24)]


def _hour(value: str) -> int | None:
    return int(value) if value else None


class TellingForm(MailForm):
    """An address outside, and quiet hours."""

    address = forms.EmailField(
        label=_('Address at another provider'),
        required=False,
        max_length=254,
        help_text=_(
            'It is told of problems too, even while the mail queue is stuck. A code is sent to it '
            'first.'
        ),
    )
    quiet_from = forms.TypedChoiceField(
        label=_('Quiet hours from'),
        required=False,
        choices=[*_NONE, *_HOURS],
        coerce=_hour,
        empty_value=None,
        help_text=_('Until they end, only problems that stop mail are reported.'),
    )
    quiet_until = forms.TypedChoiceField(
        label=_('Quiet hours until'),
        required=False,
        choices=[*_NONE, *_HOURS],
        coerce=_hour,
        empty_value=None,
    )
    monthly = forms.BooleanField(
        label=_('Monthly report by mail'),
        required=False,
        help_text=_('Messages, problems, updates and storage of the last month.'),
    )
    culprits: ClassVar[Mapping[str, str]] = {
        'address-invalid': 'address',
        'notice-address-inside': 'address',
        'notice-not-sent': 'address',
        'quiet-hours-invalid': 'quiet_from',
    }

    def clean(self) -> dict[str, Any]:
        """Refuse a begin without an end."""
        values: dict[str, Any] = super().clean() or {}
        if (values.get('quiet_from') is None) is not (values.get('quiet_until') is None):
            self.add_error('quiet_until', _('Choose when the quiet hours begin and end.'))
        return values


class CodeForm(MailForm):
    """The code that was sent to the address."""

    code = forms.CharField(
        label=_('Code'),
        max_length=20,
        widget=forms.TextInput(attrs={'inputmode': 'numeric', 'autocomplete': 'one-time-code'}),
    )
    culprits: ClassVar[Mapping[str, str]] = {
        'notice-code-wrong': 'code',
        'notice-code-missing': 'code',
    }
