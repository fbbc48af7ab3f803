# SPDX-License-Identifier: AGPL-3.0-or-later
"""The set-up on the overview: putting it away, and the test message it asks for."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from .. import privileged
from ..activity.last_times import Times, at
from ..directory.person import of_account
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from ..health import setup_notice
from .page import Page

_LONGEST_WAIT = 24 * 60 * 60


class LaterView(View):
    """The buttons to go on with the set-up later, or now."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Put the list away, or bring it back."""
        setup_notice.put_away(request.POST.get('later') == '1')
        return HttpResponseRedirect(reverse('email:index'))


def waiting_since(text: str, now: datetime) -> datetime:
    """The moment a page waits from, by its own word if that can be."""
    if text.isascii() and text.isdigit() and 0 <= now.timestamp() - int(text[:12]) < _LONGEST_WAIT:
        return at(int(text))
    return now.replace(microsecond=0)


def address_of(user: str) -> str:
    """An address of the administrator who asks, '' when there is none."""
    with Store() as store:
        try:
            found = own.mailboxes_of(store, of_account(store.user(user)))
        except MailError as error:
            if error.code != 'user-missing':
                raise
            return ''
    return next((each.address for each in found if each.enabled), '')


def standard_address() -> str:
    """The address every domain has, in the primary one."""
    with Store() as store:
        return f'postmaster@{store.settings().primary_domain}'


def waiting(request: HttpRequest, times: Times | None, address: str) -> dict[str, Any]:
    """The context of the wait for a message from outside: the address, and the last that came.

    Without an address of their own, the administrator takes the one every domain has.
    """
    since = waiting_since(request.GET.get('since', ''), datetime.now(UTC))
    received = times.received if times else None
    return {
        'address': address or standard_address(),
        'since': int(since.timestamp()),
        'is_seen': times is not None,
        'received': received,
        'has_come': bool(received and received >= since),
    }


class TestMessage(Page, TemplateView):
    """Where to send a test message, and whether it has come."""

    template_name = 'email-test-message.html'
    title = gettext_lazy('Test receiving')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the address, and the last message from outside."""
        found = privileged.overview_times()
        times = Times.from_json(found) if found else None
        address = address_of(self.request.user.username)
        return super().get_context_data(**waiting(self.request, times, address), **kwargs)
