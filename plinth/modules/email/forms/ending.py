# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form for the end of a mailbox or alias."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..directory.ending import LONGEST_FAREWELL
from .base import MailForm
from .fields import LastDayField


class EndForm(MailForm):
    """A last day, and words for senders after it."""

    culprits: ClassVar[dict[str, str]] = {'expiry-invalid': 'expires', 'text-invalid': 'farewell'}

    expires = LastDayField(
        label=_('Expires after'),
        required=False,
        help_text=_('Leave empty for no end. People who use it are reminded 14 and 2 days before.'),
    )
    farewell = forms.CharField(
        label=_('Text for senders afterwards'),
        required=False,
        max_length=LONGEST_FAREWELL,
        help_text=_(
            'Rejected mail is returned with it, for example: Write to office@example.org instead.'
        ),
    )
