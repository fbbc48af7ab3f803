# SPDX-License-Identifier: AGPL-3.0-or-later
"""The name server that takes changes of a domain's records."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import privileged
from ..dns.memory import Memory
from ..dns.provider import ProviderKind
from ..forms.base import MailForm
from ..forms.nameserver import FORMS
from ..maintenance.dns_publishing import NameServer
from ..words import pages
from ..words.text import Text
from .editing import Editing
from .page import call
from .records import Button, RecordsPage, find, name_server

_TITLES = {
    ProviderKind.DESEC: gettext_lazy('deSEC'),
    ProviderKind.CLOUDFLARE: gettext_lazy('Cloudflare'),
    ProviderKind.GANDI: gettext_lazy('Gandi'),
    ProviderKind.RFC2136: gettext_lazy('Dynamic updates (RFC 2136)'),
    ProviderKind.WEBHOOK: gettext_lazy('Own program (webhook)'),
}


@dataclass(frozen=True)
class KindLink:
    """A link to the form of a kind of provider."""

    text: Text
    url: str


class NameServerView(RecordsPage, Editing):
    """The name server or hoster that takes changes of records."""

    template_name = 'email-dns-server.html'

    @cached_property
    def kept(self) -> NameServer | None:
        """The present one."""
        return name_server(find(self.key).domain)

    @property
    def kind(self) -> ProviderKind:
        """The kind the form is for: the one chosen, else the present one, else the easiest."""
        usual = self.kept.kind if self.kept else ProviderKind.DESEC
        try:
            return ProviderKind(self.request.GET.get('kind', usual))
        except ValueError:
            return ProviderKind.DESEC

    def get_form_class(self) -> type[MailForm]:
        """The form of the kind."""
        return FORMS[self.kind]

    def get_title(self) -> Text:
        """The heading."""
        return _('Automatic DNS updates for {domain}').format(domain=self.name)

    def back_url(self) -> Text:
        """The page of the records."""
        return reverse('email:dns', args=[self.key])

    def get_initial(self) -> dict[str, Any]:
        """The present settings."""
        site = find(self.key)
        latest = Memory().latest(site.domain)
        if self.kept and self.kept.kind == self.kind:
            return {**self.kept.to_json(), 'server': self.kept.address}
        return {'zone': latest.zone if latest else site.domain}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the kinds, and whether there is a server to forget."""
        links = [KindLink(text, f'{self.request.path}?kind={kind}')
                 for kind, text in _TITLES.items()]  # fmt: skip
        return super().get_context_data(
            is_kept=self.kept is not None, provider=self.kind.value, links=links,
            chosen=links[list(_TITLES).index(self.kind)], **kwargs,
        )  # fmt: skip

    def save(self, form: Any) -> HttpResponse:
        """Keep server and key."""
        call(privileged.dns_provider_set, self.key, **form.wanted())
        self.tell(pages.UPDATES_SET_UP)
        return self.go('dns', self.key)


class ForgetView(Button):
    """The button that forgets the name server and its key."""

    def post(self, _request: HttpRequest, key: str) -> HttpResponse:
        """Forget it."""
        site = find(key)
        call(privileged.dns_provider_remove, site.domain)
        self.tell(pages.UPDATES_DELETED)
        return self.go('dns', site.domain)
