# SPDX-License-Identifier: AGPL-3.0-or-later
"""My devices: the settings of all own mailboxes, to be copied into a mail app or printed."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from ..clients import servers
from ..clients.servers import Server
from ..directory.store import Store
from ..directory.verbs import own
from ..words import clients as words
from ..words.text import Sentence, Text
from .page import UserPage

SERVERS = (servers.IMAP, servers.SUBMISSIONS, servers.POP3, servers.SUBMISSION, servers.SIEVE)


@dataclass(frozen=True)
class ShownServer:
    """A server on the sheet, and what it is for."""

    title: Text
    server: Server


@dataclass(frozen=True)
class Sheet:
    """The settings of one mailbox."""

    login: str
    host: str


def shown_servers() -> list[ShownServer]:
    """The servers by their uses; the usual ones are first."""
    return [ShownServer(Sentence(words.SERVERS[each.kind, each.port]), each) for each in SERVERS]


class SettingsSheet(UserPage, TemplateView):
    """The sheet."""

    template_name = 'email-settings-sheet.html'
    title = gettext_lazy('Settings for any mail app')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mailboxes and the servers."""
        with Store() as store:
            logins = [each.address for each in own.mailboxes_of(store, self.owner(store))
                      if each.enabled]  # fmt: skip
            sheets = [Sheet(login, servers.host_for(store, login)) for login in logins]
        return super().get_context_data(sheets=sheets, servers=shown_servers(), **kwargs)
