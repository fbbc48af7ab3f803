# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policy file other mail servers fetch (MTA-STS, RFC 8461)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.generic import View

from ..dns import here
from ..dns.records import Site
from ..errors import MailError

_PREFIX = 'mta-sts.'


class PolicyView(View):
    """The policy of the domain whose name this box was asked by."""

    http_method_names = ('get',)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the policy; there is none under other names."""
        name = request.get_host().partition(':')[0].lower()
        if not name.startswith(_PREFIX):
            raise Http404
        try:
            domain, host = here.find(name.removeprefix(_PREFIX))
        except MailError as error:
            if error.code in ('domain-missing', 'domain-invalid'):
                raise Http404 from error
            return HttpResponse(status=503)
        return HttpResponse(Site(domain, host).policy, content_type='text/plain; charset=utf-8')
