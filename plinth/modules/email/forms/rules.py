# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms of the rules of a mailbox: automatic reply and filters."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..directory.vacation import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    MOST_DAYS,
    USUAL_DAYS,
    Vacation,
    plain_text,
)
from .base import MailForm


class DayField(forms.DateField):
    """One day."""

    widget = forms.DateInput(format='%Y-%m-%d', attrs={'type': 'date'})


class VacationForm(MailForm):
    """An automatic reply."""

    rare = ('days',)
    usual: ClassVar[dict[str, object]] = {'days': USUAL_DAYS}
    culprits: ClassVar[dict[str, str]] = {
        'text-invalid': 'text',
        'vacation-invalid.empty': 'text',
        'vacation-invalid.days': 'days',
        'vacation-invalid.last-day': 'last_day',
    }

    enabled = forms.BooleanField(label=_('Send automatic replies'), required=False)
    first_day = DayField(label=_('First day'), required=False)
    last_day = DayField(
        label=_('Last day'),
        required=False,
        help_text=_('Both days count. Leave them empty to reply until you turn it off.'),
    )
    subject = forms.CharField(
        label=_('Subject'),
        required=False,
        max_length=LONGEST_SUBJECT,
        help_text=_('Leave empty to use the subject of the message.'),
    )
    text = forms.CharField(
        label=_('Text'),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={'rows': 6}),
    )
    days = forms.IntegerField(
        label=_('Days between two replies to the same sender'),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
    )

    def vacation(self) -> Vacation | None:
        """The reply of the form, None if there is nothing in it. Raises MailError."""
        data = self.cleaned_data
        text = plain_text(data['text'])
        if not text and not data['enabled']:
            return None
        return Vacation(
            text,
            data['subject'].strip(),
            data['first_day'],
            data['last_day'],
            data['days'],
            data['enabled'],
        )
