# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings for mail programs that ask as Outlook does (autodiscover)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.generic import View

from ..clients import autodiscover, servers
from ..clients.autodiscover import INVALID, LONGEST, UNKNOWN, RefusedError
from ..errors import MailError
from .autoconfig import XML, name_asked, nothing


def _answer(body: bytes, name: str) -> bytes:
    """The document that answers a question."""
    address = autodiscover.read(body)
    found = servers.find(address, name)
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
            answer = _answer(request.read(LONGEST + 1), name_asked(request))
        except RefusedError as error:
            answer = autodiscover.error(error.code)
        except MailError:
            return HttpResponse(status=503)
        return HttpResponse(answer, content_type=XML)


class AutodiscoverJsonView(View):
    """Where newer Outlooks find the other page; all other protocols they ask for are not here."""

    http_method_names = ('get', 'head')

    def get(self, request: HttpRequest, address: str = '') -> HttpResponse:
        """Answer for the address, or for the name that was asked."""
        try:
            found = servers.find(address or request.GET.get('Email', ''), name_asked(request))
        except MailError:
            return HttpResponse(status=503)
        if found is None:
            return nothing()
        if request.GET.get('Protocol', '').lower() != 'autodiscoverv1':
            said = 'The protocol is not supported. Supported values are: AutodiscoverV1'
            return JsonResponse({'ErrorCode': 'InvalidProtocol', 'ErrorMessage': said}, status=400)
        return JsonResponse({'Protocol': 'AutodiscoverV1', 'Url': autodiscover.url(found.host)})
