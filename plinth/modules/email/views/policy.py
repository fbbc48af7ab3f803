# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether other mail servers are asked to require encryption (MTA-STS)."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import privileged
from ..directory.domain import Domain
from ..dns.local_facts import find
from ..forms.policy import PolicyForm
from ..words import pages
from ..words.text import Text
from .editing import Editing
from .page import call
from .records import RecordsPage
from .undo_offer import Call


class PolicyChoice(RecordsPage, Editing):
    """Choose how strict the policy of a domain is."""

    template_name = 'email-dns-policy.html'
    form_class = PolicyForm

    def get_title(self) -> Text:
        """The title of the page."""
        return _('Encrypted delivery to {domain} (MTA-STS)').format(domain=self.name)

    def back_url(self) -> Text:
        """The page of the records."""
        return reverse('email:dns', args=[self.key])

    def get_initial(self) -> dict[str, Any]:
        """The present values."""
        domain, _host = find(self.key)
        return {'mta_sts': domain.mta_sts, 'version': domain.version}

    def save(self, form: PolicyForm) -> HttpResponse:
        """Change the policy; its record changes with it, which the next page says."""
        before, _host = find(self.key)
        wanted = form.cleaned_data['mta_sts']
        version = form.cleaned_data['version']
        answer = call(
            privileged.domain_change,
            before.name,
            mta_sts=wanted,
            version=version,
            by=self.request.user.username,
        )
        changed = Domain.from_json(answer)
        if wanted != before.mta_sts:
            take_back = {'domain': before.name, 'mta_sts': before.mta_sts,
                         'version': changed.version}  # fmt: skip
            text = pages.MTA_STS_CHANGED
            self.tell(text.format(domain=changed.name), Call('domain_change', take_back))
        return self.go('dns', before.name)
