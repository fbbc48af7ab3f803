# SPDX-License-Identifier: AGPL-3.0-or-later
"""A user's own addresses and what a mail program needs to know."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from ..directory.alias import Alias
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError


@dataclass(frozen=True)
class Addresses:
    """The addresses of one user and the host that serves them."""

    host: str
    mailboxes: tuple[str, ...]
    aliases: tuple[str, ...]


def of_user(name: str) -> Addresses:
    """Return all addresses that reach a user."""
    with Store() as store:
        owned = store.search(Mailbox, where={'owner': name})
        mailboxes = tuple(mailbox.address for mailbox in owned if mailbox.enabled)
        aliases = {
            alias.address
            for address in mailboxes
            for alias in store.search(Alias, where={'destinations': address})
            if alias.enabled
        }
        return Addresses(store.settings().primary_domain, mailboxes, tuple(sorted(aliases)))


class AddressesView(TemplateView):
    """The page every user sees of this app."""

    template_name = 'email-addresses.html'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the addresses of the user who asks, or why they cannot be shown."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context['title'] = _('My e-mail addresses')
        try:
            context['addresses'] = of_user(self.request.user.username)
        except MailError as error:
            context['problem'] = error.sentence
        return context
