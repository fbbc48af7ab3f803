# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms for relays."""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..directory.entry import LONGEST_NOTE
from ..directory.relay import LONGEST_LOGIN, PORT, Relay, parse_host
from ..errors import MailError
from .base import MailForm
from .fields import NameField, plain_input

_BETWEEN = re.compile(r'[\s,;]+')
_WRONG = {
    'name': 'name', 'host': 'host', 'no-name': 'host', 'tls': 'tls', 'open-login': 'tls',
    'mixed-tls': 'backups', 'implicit-fallback': 'tls', 'login': 'login', 'backups': 'backups',
    'spf': 'spf', 'internal': 'spf',
}  # fmt: skip
"""The field each variant of the error is about."""


class RelayForm(MailForm):
    """The settings of a relay; an empty password leaves that of now."""

    rare = ('verify', 'backups', 'spf', 'note')
    culprits: ClassVar[dict[str, str]] = {
        'domain-invalid': 'host', 'port-invalid': 'port', 'password-invalid': 'password',
        'password-missing': 'password', 'relay-exists': 'name', 'relay-missing': 'backups',
        'text-invalid': 'note',
    }  # fmt: skip

    host = NameField(label=_('Server'), widget=plain_input(placeholder='smtp.example.org'))
    port = forms.IntegerField(label=_('Port'), initial=PORT, min_value=1, max_value=65535)
    tls = forms.ChoiceField(
        label=_('Encryption'),
        choices=[
            ('starttls', _('STARTTLS (usually port 587)')),
            ('implicit', _('SSL/TLS (usually port 465)')),
            ('none', _('None (only for a server reached by a tunnel)')),
        ],
    )
    login = NameField(
        label=_('User name'), required=False, max_length=LONGEST_LOGIN,
        help_text=_('As your provider shows it. Leave empty if the relay needs no login.'),
    )  # fmt: skip
    password = forms.CharField(
        label=_('Password'),
        required=False,
        widget=forms.PasswordInput(attrs={'autocomplete': 'off'}),
        help_text=_('Stored so that only root can read it. Leave empty to keep the current one.'),
    )
    verify = forms.BooleanField(
        label=_('Require a valid certificate'),
        required=False,
        initial=True,
        help_text=_("If the certificate doesn't match the server name, mail waits."),
    )
    backups = NameField(
        label=_('Relays to try if this one is down'), required=False,
        help_text=_('Names of other relays, in the order to try them.'),
    )  # fmt: skip
    spf = NameField(
        label=_('SPF mechanism'), required=False,
        help_text=_('Allows the relay to send for your domains. Default: its server name.'),
    )  # fmt: skip
    note = forms.CharField(label=_('Note'), required=False, max_length=LONGEST_NOTE)

    @property
    def is_unfolded(self) -> bool:
        """Whether a rare field says something else than usual."""
        usual = {'verify': True}
        return any(
            self[name].errors or self[name].value() not in (usual.get(name), None, '')
            for name in self.rare
        )  # fmt: skip

    @staticmethod
    def values_of(relay: Relay) -> dict[str, Any]:
        """The values of a relay in the form."""
        names = ('host', 'port', 'tls', 'login', 'verify', 'backups', 'spf', 'note')
        return {name: getattr(relay, name) for name in names}

    def clean_host(self) -> str:
        """The host in its normal form."""
        try:
            return parse_host(self.cleaned_data['host'])
        except MailError as error:
            raise forms.ValidationError(error.sentence, code=error.code) from error

    def blame(self, error: MailError) -> None:
        """Show an error at the field it is about."""
        variant = error.reason.key.partition('.')[2]
        if error.code == 'relay-invalid' and _WRONG.get(variant) in self.fields:
            self.add_error(_WRONG[variant], error.sentence)
        else:
            super().blame(error)

    def relay(self, name: str) -> Relay:
        """The relay the form describes."""
        given = self.cleaned_data
        backups = ' '.join(_BETWEEN.split(given['backups'].strip().lower()))
        return Relay(
            name, given['host'], given['port'], given['tls'], given['verify'], given['login'],
            backups, given['spf'], given['note'].strip(),
        )  # fmt: skip


class NewRelayForm(RelayForm):
    """A new relay."""

    name = NameField(
        label=_('Name'),
        max_length=32,
        help_text=_('A short name of your choice, like provider.'),
    )
    field_order = ('name', 'host', 'port', 'tls', 'login', 'password')

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['password'].help_text = _('Stored so that only root can read it.')

    def relay(self, name: str = '') -> Relay:
        """The relay the form describes."""
        return super().relay(name or Relay.normal_key(self.cleaned_data['name']))
