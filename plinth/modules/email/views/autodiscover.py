# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings for mail programs that ask as Outlook does (autodiscover)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.generic import View

from ..clients import autodiscover, servers
from ..clients.autodiscover import INVALID, LONGEST, UNKNOWN, RefusedError
from ..clients.setup_requests import Given, Protocol
from ..errors import MailError
from .autoconfig import XML, name_asked, nothing
from .setup_requests import note


def _answer(request: HttpRequest, body: bytes) -> bytes:
    """The document that answers a question."""
    address = autodiscover.read(body)
    domain = servers.domain_asked(address, '')
    found = servers.find(address, name_asked(request))
    note(request, Protocol.AUTODISCOVER, domain, Given.SETTINGS if found else Given.UNKNOWN)
    if found is None:
        raise RefusedError(UNKNOWN)
    return autodiscover.document(found, address)


class AutodiscoverView(View):
    """The settings for an address, as XML."""

    http_method_names = ('get', 'post', 'head')

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead from the plain web to a name with a certificate; else say how to ask.

        Outlook asks over plain HTTP only to be led on.
        """
        if not request.is_secure():
            try:
                found = servers.find('', name_asked(request))
            except MailError:
                return HttpResponse(status=503)
            if found and servers.is_trusted(found.host):
                return HttpResponseRedirect(autodiscover.url(found.host))
        return HttpResponse(autodiscover.error(INVALID), content_type=XML)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer a question. Exchange says with status 200 too that it cannot."""
        try:
            answer = _answer(request, request.read(LONGEST + 1))
        except RefusedError as error:
            if error.code != UNKNOWN:
                note(request, Protocol.AUTODISCOVER, '', Given.INVALID)
            answer = autodiscover.error(error.code)
        except MailError:
            note(request, Protocol.AUTODISCOVER, '', Given.FAILED)
            return HttpResponse(status=503)
        return HttpResponse(answer, content_type=XML)


class AutodiscoverJsonView(View):
    """Where newer Outlooks find the other page; all other protocols they ask for are not here."""

    http_method_names = ('get', 'head')

    def get(self, request: HttpRequest, address: str = '') -> HttpResponse:
        """Answer for the address, or for the name that was asked."""
        asked, name = address or request.GET.get('Email', ''), name_asked(request)
        try:
            found = servers.find(asked, name)
        except MailError:
            return HttpResponse(status=503)
        is_known = request.GET.get('Protocol', '').lower() == 'autodiscoverv1'
        given = Given.UNKNOWN if found is None else Given.REFERRAL if is_known else Given.INVALID
        note(request, Protocol.AUTODISCOVER_V2, servers.domain_asked(asked, name), given)
        if found is None:
            return nothing()
        if not is_known:
            said = 'The protocol is not supported. Supported values are: AutodiscoverV1'
            return JsonResponse({'ErrorCode': 'InvalidProtocol', 'ErrorMessage': said}, status=400)
        return JsonResponse({'Protocol': 'AutodiscoverV1', 'Url': autodiscover.url(found.host)})
