# SPDX-License-Identifier: AGPL-3.0-or-later
"""The name server that takes changes of a domain's records."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from .. import privileged
from ..dns.memory import Memory
from ..errors import MailError
from ..forms.nameserver import NameServerForm
from .records import Guarded, find


class NameServerView(Guarded, FormView):
    """Tell the app where it may publish records."""

    template_name = 'email-dns-server.html'
    form_class = NameServerForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the domain."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context['domain'] = self.kwargs['domain']
        context['title'] = _('Name server of {domain}').format(domain=self.kwargs['domain'])
        return context

    def get_initial(self) -> dict[str, Any]:
        """Fill in what is known."""
        site = find(self.kwargs['domain'])
        latest = Memory().latest(site.domain)
        kept = privileged.dns_provider(site.domain)
        return {'zone': latest.zone if latest else site.domain, **kept}

    def form_valid(self, form: NameServerForm) -> HttpResponseRedirect:
        """Keep server and key."""
        given = form.cleaned_data
        domain = self.kwargs['domain']
        try:
            privileged.dns_provider_set(
                domain, given['server'], given['key_name'], given['algorithm'], given['zone'],
                given['port'], given['secret'],
            )  # fmt: skip
        except MailError as error:
            form.add_error(None, error.sentence)
            return self.form_invalid(form)
        messages.success(self.request, _('Records can be published from here now.'))
        return HttpResponseRedirect(reverse('email:dns', args=[domain]))


class ForgetView(Guarded):
    """The button that forgets the name server and its key."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest, domain: str) -> HttpResponseRedirect:
        """Forget it."""
        site = find(domain)
        privileged.dns_provider_remove(site.domain)
        messages.success(request, _('The name server and its key are forgotten.'))
        return HttpResponseRedirect(reverse('email:dns', args=[site.domain]))
