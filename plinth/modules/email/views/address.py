# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public IP address of a box behind a router."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from freedombox.modules.privacy import get_ip_lookup_url

from ..dns import public_address
from ..dns.memory import Memory
from ..errors import MailError
from ..words import pages
from .page import Page
from .records import Button, find


class AddressView(Button):
    """The button that asks the service chosen in FreedomBox's privacy settings."""

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Ask once, remember the answer, and look at the records again."""
        site = find(key)
        if look_up(self, request):
            self.check_now(site.domain)
        return self.go('dns', site.domain)


def look_up(page: Page, request: HttpRequest) -> bool:
    """Ask for the address, remember and tell it; False when that failed, which is told too."""
    try:
        addresses = public_address.ask(get_ip_lookup_url())
    except MailError as error:
        messages.error(request, error.sentence)
        return False
    Memory().keep_addresses(addresses)
    page.tell(pages.PUBLIC_ADDRESS.format(addresses=', '.join(addresses)))
    return True
