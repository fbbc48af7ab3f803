# SPDX-License-Identifier: AGPL-3.0-or-later
"""The name server that takes changes of a domain's records."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import privileged
from ..dns.memory import Memory
from ..forms.nameserver import NameServerForm
from ..words import pages
from ..words.text import Text
from .editing import Editing
from .page import call
from .records import Button, RecordsPage, find, name_server


class NameServerView(RecordsPage, Editing):
    """The name server that takes changes of records."""

    template_name = 'email-dns-server.html'
    form_class = NameServerForm

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
        if kept := name_server(site.domain):
            return kept.to_json()
        return {'zone': latest.zone if latest else site.domain}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether there is a server to forget."""
        is_kept = name_server(self.key) is not None
        return super().get_context_data(is_kept=is_kept, **kwargs)

    def save(self, form: NameServerForm) -> HttpResponse:
        """Keep server and key."""
        given = form.cleaned_data
        call(
            privileged.dns_provider_set, self.key, given['server'], given['key_name'],
            given['algorithm'], given['zone'], given['port'], given['secret'],
        )  # fmt: skip
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
