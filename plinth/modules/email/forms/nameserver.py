# SPDX-License-Identifier: AGPL-3.0-or-later
"""The form for the name server that takes changes of a domain."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..dns.provider import ALGORITHMS, Rfc2136
from ..errors import MailError
from .base import MailForm
from .fields import DomainField, NameField, plain_input


class NameServerForm(MailForm):
    """Where and by which key the records are published."""

    culprits: ClassVar[dict[str, str]] = {
        'server-invalid': 'server',
        'zone-invalid': 'zone',
        'domain-invalid': 'zone',
        'key-name-invalid': 'key_name',
        'algorithm-invalid': 'algorithm',
        'secret-invalid': 'secret',
        'port-invalid': 'port',
    }

    server = NameField(
        label=_('Update server'),
        widget=plain_input(placeholder='192.0.2.53'),
        help_text=_('The IP address of the server that accepts dynamic updates (RFC 2136).'),
    )
    key_name = NameField(label=_('Key name (TSIG)'))
    secret = forms.CharField(
        label=_('TSIG secret'),
        widget=forms.PasswordInput(attrs={'autocomplete': 'off'}),
        help_text=_('As your DNS provider shows it (base64). Stored so that only root can read '
                    'it.'),
    )  # fmt: skip
    algorithm = forms.ChoiceField(
        label=_('Algorithm'), choices=[(each, each) for each in ALGORITHMS]
    )
    zone = DomainField(
        label=_('Zone'),
        help_text=_('The domain itself, or the parent domain that contains its records.'),
    )
    port = forms.IntegerField(label=_('Port'), initial=53, min_value=1, max_value=65535)

    def clean(self) -> dict[str, Any]:
        """Show errors of the update server's settings at their fields."""
        cleaned: dict[str, Any] = super().clean()
        if self.errors:
            return cleaned
        cleaned['key_name'] = cleaned['key_name'].lower().rstrip('.')
        names = ('zone', 'server', 'key_name', 'secret', 'algorithm', 'port')
        try:
            Rfc2136(**{name: cleaned[name] for name in names})
        except MailError as error:
            self.blame(error)
        return cleaned
