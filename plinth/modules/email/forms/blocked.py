# SPDX-License-Identifier: AGPL-3.0-or-later
"""Form that blocks an address."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..authentication.bans import LONGEST
from .base import MailForm


class BlockForm(MailForm):
    """An address or network to block."""

    culprits: ClassVar[dict[str, str]] = {'ban-invalid': 'network', 'ban-exists': 'network'}

    network = forms.CharField(
        label=_('IP address or network'),
        max_length=LONGEST,
        help_text=_(
            'For example 192.0.2.7 or 192.0.2.0/24. An IPv6 address stands for its network (/64).'
        ),
        widget=forms.TextInput(
            attrs={'dir': 'ltr', 'autocapitalize': 'none', 'spellcheck': 'false'}
        ),
    )
