# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings for mail programs that ask for them, in the form Thunderbird made common."""

from typing import Any

from django.http import HttpRequest
from django.views.generic import TemplateView
from freedombox.modules.names.components import DomainName

from ..domains import mail_domains


def mail_host(request: HttpRequest) -> str:
    """Return the name mail programs should connect to.

    That is the domain of the address if it is one of ours, because it has a certificate
    for the mail services too; else the name this box was asked by.
    """
    _local, _at, domain = request.GET.get('emailaddress', '').lower().rpartition('@')
    if domain in mail_domains(DomainName.list_names()):
        return str(domain)
    return str(request.get_host().partition(':')[0])


class AutoconfigView(TemplateView):
    """The settings, as XML."""

    template_name = 'email-autoconfig.xml'
    content_type = 'text/xml; charset=utf-8'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the name to connect to."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context['host'] = mail_host(self.request)
        return context
