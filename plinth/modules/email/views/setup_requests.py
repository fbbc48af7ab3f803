# SPDX-License-Identifier: AGPL-3.0-or-later
"""Requests of mail apps for settings: how they are noted, and the page that lists them."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from ..clients.setup_requests import Given, Protocol, SetupRequest, SetupRequests
from ..words import clients as words
from ..words.text import Sentence, Text
from .listing import ROWS
from .page import Page
from .password import client_of


def note(request: HttpRequest, protocol: Protocol, domain: str, given: Given) -> None:
    """Note a request and its answer."""
    program = request.META.get('HTTP_USER_AGENT', '')
    SetupRequests().note(protocol, domain, client_of(request), program, given)


@dataclass(frozen=True)
class ShownRequest:
    """A request in the list: the answer, the way of asking, and how often."""

    request: SetupRequest
    answer: Text
    asked: Text
    times: Text


def shown(request: SetupRequest) -> ShownRequest:
    """A request in words."""
    domain = request.domain or Sentence(words.NO_DOMAIN)
    return ShownRequest(
        request,
        Sentence(words.GIVEN[request.given], {'domain': str(domain)}),
        Sentence(words.PROTOCOLS[request.protocol]),
        Sentence(words.TIMES, {'count': request.count}),
    )


class SetupRequestsPage(Page, TemplateView):
    """The newest requests for settings."""

    template_name = 'email-setup-requests.html'
    title = gettext_lazy('Mail app setup')

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the requests."""
        found = SetupRequests().recent()
        rows = [shown(each) for each in found[:ROWS]]
        return super().get_context_data(rows=rows, more=max(len(found) - ROWS, 0), **kwargs)
