# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings for mail programs that ask as Thunderbird does (autoconfig)."""

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.views.generic import View

from ..clients import autoconfig, servers
from ..clients.setup_requests import Given, Protocol
from ..errors import MailError
from ..words import pages
from .setup_requests import note

XML = 'text/xml; charset=utf-8'


def name_asked(request: HttpRequest) -> str:
    """The name under which this box was asked."""
    return str(split_domain_port(request.get_host())[0])


def nothing() -> HttpResponse:
    """No settings; Http404 would lead strangers to a login page."""
    return HttpResponse(f'{pages.NO_SETTINGS}\n', 'text/plain; charset=utf-8', status=404)


class AutoconfigView(View):
    """The settings for a domain of this box, as XML."""

    http_method_names = ('get', 'head')

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer for the address, or for the name that was asked."""
        address, name = request.GET.get('emailaddress', ''), name_asked(request)
        domain = servers.domain_asked(address, name)
        try:
            found = servers.find(address, name)
        except MailError:
            note(request, Protocol.AUTOCONFIG, domain, Given.FAILED)
            return HttpResponse(status=503)
        note(request, Protocol.AUTOCONFIG, domain, Given.SETTINGS if found else Given.UNKNOWN)
        if found is None:
            return nothing()
        return HttpResponse(autoconfig.document(found), content_type=XML)
