# SPDX-License-Identifier: AGPL-3.0-or-later
"""The DNS records a domain needs."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from .. import privileged
from ..directory.domain import Domain
from ..directory.store import Store
from ..dns import records
from ..errors import MailError


class RecordsView(TemplateView):
    """A domain's records, ready to be copied."""

    template_name = 'email-dns.html'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the records, or why they cannot be shown."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context['title'] = _('DNS records of {domain}').format(domain=kwargs['domain'])
        try:
            context['records'] = self._records(kwargs['domain'])
        except MailError as error:
            context['problem'] = error.sentence
        return context

    @staticmethod
    def _records(name: str) -> tuple[records.Record, ...]:
        """Return the records of a mail domain of this box."""
        with Store() as store:
            domain = store.find(Domain, name)
            primary = store.settings().primary_domain
        if domain is None:
            raise Http404
        return records.wanted(
            domain.name, primary or domain.name, privileged.dkim_public(domain.name)
        )
