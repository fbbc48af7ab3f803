# SPDX-License-Identifier: AGPL-3.0-or-later
"""Form for what is kept about messages."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..maintenance.trace_keeping import LEAST_MEGABYTES, MOST_DAYS, MOST_MEGABYTES
from .base import MailForm


class MessageKeepingForm(MailForm):
    """Days, and the size of the file."""

    culprits: ClassVar[dict[str, str]] = {
        'keeping-invalid.days': 'days', 'keeping-invalid': 'megabytes',
    }  # fmt: skip

    days = forms.IntegerField(
        label=_('Keep for (days)'),
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_('Older messages are removed from the list. The messages themselves stay.'),
    )
    megabytes = forms.IntegerField(
        label=_('Size limit (MB)'),
        min_value=LEAST_MEGABYTES,
        max_value=MOST_MEGABYTES,
        help_text=_('When the list is larger, the oldest messages in it are removed earlier.'),
    )
    subjects = forms.BooleanField(
        label=_('Keep subjects'),
        required=False,
        help_text=_(
            'Subjects often say what a message is about. Administrators can then read those of all '
            "users' messages, in this list and in the system log. Tell your users. Subjects that "
            'were kept stay until they are removed with their message.'
        ),
    )
