# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policy file other mail servers fetch (MTA-STS, RFC 8461)."""

from django.http import HttpRequest, HttpResponse
from django.views.generic import View

from ..dns import local_facts
from ..dns.records import Site
from ..errors import MailError
from ..words import pages
from .autoconfig import name_asked

_PREFIX = 'mta-sts.'


def _nothing() -> HttpResponse:
    """No policy; to raise Http404 would lead strangers to a login page."""
    return HttpResponse(f'{pages.NO_POLICY}\n', 'text/plain; charset=utf-8', status=404)


class PolicyView(View):
    """The policy of the domain whose name this box was asked by."""

    http_method_names = ('get',)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The policy; there is none under other names."""
        name = name_asked(request).lower()
        if not name.startswith(_PREFIX):
            return _nothing()
        try:
            domain, host = local_facts.find(name.removeprefix(_PREFIX))
        except MailError as error:
            if error.code in ('domain-missing', 'domain-invalid'):
                return _nothing()
            return HttpResponse(status=503)
        policy = Site(domain.name, host, mta_sts_mode=domain.mta_sts).policy
        return HttpResponse(policy, content_type='text/plain; charset=utf-8')
