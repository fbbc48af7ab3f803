# SPDX-License-Identifier: AGPL-3.0-or-later
"""The forms for the name server or hoster that takes changes of a domain."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ..dns.cloudflare import Cloudflare
from ..dns.desec import DeSec
from ..dns.gandi import Gandi
from ..dns.provider import ALGORITHMS, Provider, ProviderKind, Rfc2136
from ..dns.webhook import Webhook
from ..errors import MailError
from .base import MailForm
from .fields import DomainField, NameField, plain_input


class _ProviderForm(MailForm):
    """Base of the forms: the zone, and a check of all values together."""

    kind: ClassVar[ProviderKind]
    culprits: ClassVar[dict[str, str]] = {
        'server-invalid': 'server',
        'url-invalid': 'server',
        'zone-invalid': 'zone',
        'domain-invalid': 'zone',
        'key-name-invalid': 'key_name',
        'algorithm-invalid': 'algorithm',
        'secret-invalid': 'secret',
        'token-invalid': 'secret',
        'port-invalid': 'port',
    }

    zone = DomainField(
        label=_('Zone'),
        help_text=_('The domain itself, or the parent domain that contains its records.'),
    )

    def provider(self, values: dict[str, Any]) -> Provider:
        """The provider of these values; MailError when they cannot be used."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Show errors of the settings at their fields."""
        cleaned: dict[str, Any] = super().clean()
        if self.errors:
            return cleaned
        try:
            self.provider(cleaned)
        except MailError as error:
            self.blame(error)
        return cleaned

    def wanted(self) -> dict[str, Any]:
        """The values as the root action takes them."""
        given = self.cleaned_data
        return {
            'server': given.get('server', ''), 'key_name': given.get('key_name', ''),
            'algorithm': given.get('algorithm', ''), 'zone': given['zone'],
            'port': given.get('port', 53), 'secret': given['secret'], 'kind': self.kind.value,
        }  # fmt: skip


def _secret(label: Any, help_text: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={'autocomplete': 'off'})
    return forms.CharField(label=label, widget=widget, help_text=help_text)


class _TokenForm(_ProviderForm):
    """Base of the forms for hosters that take a token."""

    field_order = ('secret', 'zone')
    made: ClassVar[type[DeSec] | type[Cloudflare] | type[Gandi]]

    def provider(self, values: dict[str, Any]) -> Provider:
        """The zone at the hoster."""
        return self.made(values['zone'], values['secret'])


class DeSecForm(_TokenForm):
    """The zone and a token of deSEC."""

    kind = ProviderKind.DESEC
    made = DeSec

    secret = _secret(
        _('Token'),
        _('Create it at desec.io under Token Management. Stored so that only root can read it.'),
    )


class CloudflareForm(_TokenForm):
    """The zone and a token of Cloudflare."""

    kind = ProviderKind.CLOUDFLARE
    made = Cloudflare

    secret = _secret(
        _('API token'),
        _('Create it at Cloudflare under API Tokens, with the template “Edit zone DNS” and for '
          'this zone only. Stored so that only root can read it.'),
    )  # fmt: skip


class GandiForm(_TokenForm):
    """The zone and a token of Gandi."""

    kind = ProviderKind.GANDI
    made = Gandi

    secret = _secret(
        _('Personal access token'),
        _('Create it at Gandi with the permission to manage the technical configuration of this '
          'domain. Stored so that only root can read it.'),
    )  # fmt: skip


class WebhookForm(_ProviderForm):
    """The web address that takes changes, and its secret."""

    kind = ProviderKind.WEBHOOK
    field_order = ('server', 'secret', 'zone')

    server = NameField(
        label=_('Web address'),
        widget=plain_input(placeholder='https://example.org/dns'),
        help_text=_('It receives the changes as JSON and makes them.'),
    )
    secret = _secret(
        _('Secret'),
        _('Sent with each request (Authorization: Bearer). Stored so that only root can read it.'),
    )

    def provider(self, values: dict[str, Any]) -> Provider:
        """The web address."""
        return Webhook(values['zone'], values['server'], values['secret'])


class NameServerForm(_ProviderForm):
    """Where and by which key the records are published (RFC 2136)."""

    kind = ProviderKind.RFC2136
    field_order = ('server', 'key_name', 'secret', 'algorithm', 'zone', 'port')

    server = NameField(
        label=_('Update server'),
        widget=plain_input(placeholder='192.0.2.53'),
        help_text=_('The IP address of the server that accepts dynamic updates (RFC 2136).'),
    )
    key_name = NameField(label=_('Key name (TSIG)'))
    secret = _secret(
        _('TSIG secret'),
        _('As your DNS provider shows it (base64). Stored so that only root can read it.'),
    )
    algorithm = forms.ChoiceField(
        label=_('Algorithm'), choices=[(each, each) for each in ALGORITHMS]
    )
    port = forms.IntegerField(label=_('Port'), initial=53, min_value=1, max_value=65535)

    def clean_key_name(self) -> str:
        """The name in the form name servers compare."""
        return str(self.cleaned_data['key_name']).lower().rstrip('.')

    def provider(self, values: dict[str, Any]) -> Provider:
        """The name server."""
        names = ('zone', 'server', 'key_name', 'secret', 'algorithm', 'port')
        return Rfc2136(**{name: values[name] for name in names})


FORMS: dict[ProviderKind, type[_ProviderForm]] = {
    each.kind: each for each in (DeSecForm, CloudflareForm, GandiForm, NameServerForm, WebhookForm)
}
