# SPDX-License-Identifier: AGPL-3.0-or-later
"""The DNS records a domain needs, and how the internet sees them.

The page itself never asks DNS: it shows the latest report. Only its buttons do, and all they
do together takes no longer than `LONGEST` seconds.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from .. import privileged
from ..directory.domain import Domain
from ..directory.store import Store as Directory
from ..dkim.stages import DomainKeys
from ..dns import check, rollout
from ..dns.changes import ZoneChange
from ..dns.checks import CHECKS, Check
from ..dns.local_facts import DnsFacts
from ..dns.memory import Memory
from ..dns.records import Record, Site, wanted
from ..dns.report import DnsReport
from ..dns.zonefile import bind, nsupdate
from ..errors import MailError
from ..maintenance.dns_publishing import NameServer
from ..reports import advice
from ..reports.archive import ReportStore, today
from ..status import State
from ..words import pages
from ..words.text import Text
from . import rows
from .domain_pages import DomainPages
from .page import call
from .shown import ShownState, of_domain

LONGEST = 7.5
"""The longest time in seconds a page waits, whatever DNS does."""


def facts(domain: str, host: str) -> DnsFacts:
    """Root's part of the facts on which a domain's records depend."""
    return DnsFacts.from_json(call(privileged.dns_facts, domain, host))


def find(name: str) -> Site:
    """The site of a domain; MailError for a page that is not there when it is not ours."""
    try:
        return check.site_of(name, facts)
    except MailError as error:
        if error.code == 'domain-invalid':
            raise MailError('domain-missing.named', why=error.reason.to_json()) from error
        raise


def look_at(request: HttpRequest, domain: str, seconds: float = LONGEST) -> None:
    """Check a domain now; an error is told on the next page."""
    try:
        check.check(domain, facts, seconds=seconds)
    except MailError as error:
        messages.error(request, error.sentence)


def name_server(domain: str) -> NameServer | None:
    """The name server that takes changes of a domain's records, None when there is none."""
    kept = call(privileged.dns_provider, domain)
    return NameServer.from_json(kept) if kept else None


def keys_of(domain: str) -> dict[str, Any]:
    """The context of the signing keys of a domain."""
    found = DomainKeys.from_json(call(privileged.dkim_state, domain))
    if found.rotation is None:
        return {}
    asked = found.rotation.asked
    return {
        'keys': found.stages,
        'may_change_keys': found.rotates and not asked,
        'asked_for_keys': asked,
    }


def in_directory(name: str) -> ShownState:
    """The state of a domain by its entry."""
    with Directory() as directory:
        return of_domain(directory.get(Domain, name), directory.settings().primary_domain)


def _may_enforce(site: Site, told: DnsReport | None) -> bool:
    """Whether the page proposes to require encrypted delivery."""
    last = today()
    kept = ReportStore().read(site.domain, last - timedelta(days=advice.DAYS), last)
    failed = advice.encryption_failed(kept.tls, last)
    return rollout.may_enforce(site, told, datetime.now(UTC), some_failed=failed)


class RecordsPage(DomainPages):
    """Mixin of the pages about the records of one domain."""

    @property
    def key(self) -> str:
        """The domain the page is about."""
        return str(self.kwargs['key'])

    @property
    def name(self) -> str:
        """The domain as people write it."""
        return self.domain_name

    def get_title(self) -> Text:
        """The title of the page."""
        return _('Status of {domain}').format(domain=self.name)


class RecordsView(RecordsPage, TemplateView):
    """The state of a domain: in the directory, and its records, wanted and found."""

    template_name = 'email-dns.html'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the records."""
        site = find(self.key)
        context = super().get_context_data(**kwargs)
        server = name_server(site.domain)
        keys = {} if site.is_hidden else keys_of(site.domain)
        directory = {'shown': in_directory(site.domain), 'server': server}
        return {**context, **self._shown(site), **keys, **directory}

    def _shown(self, site: Site) -> Mapping[str, Any]:
        """The context of a domain."""
        memory = Memory()
        latest, told = memory.latest(site.domain), memory.told(site.domain)
        things: list[Record | Check] = [*wanted(site), *(() if site.is_hidden else CHECKS)]
        shown = [rows.to_row(thing, latest, site.domain) for thing in things]
        state, answer = rows.headline(shown, self.name, latest)
        urgent = [row for row in shown if row.needs_administrator]
        unknown = [row for row in urgent if row.state is State.UNKNOWN]
        rest = [row for row in shown if not row.needs_administrator]
        return {
            'site': site,
            'name': self.name,
            'latest': latest,
            'state': state,
            'answer': answer,
            'age': rows.age(latest),
            'may_enforce': _may_enforce(site, told),
            'quiet_days': rollout.QUIET.days,
            'behind_router': not site.is_hidden and not site.addresses,
            'extras': [row for row in rest if row.is_optional],
            'groups': [
                (_('Problems'), [row for row in urgent if row not in unknown]),
                (_('Could not be checked') if latest else _('Not checked yet'), unknown),
                (_('OK'), [row for row in rest if not row.is_optional]),
            ],
        }


class Button(RecordsPage, View):
    """Mixin of the buttons of the page: they do their work and lead back to it."""

    http_method_names = ('post',)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Note when the wait began."""
        super().setup(request, *args, **kwargs)
        self.began = time.monotonic()

    def check_now(self, domain: str) -> None:
        """Look at a domain in the time left."""
        look_at(self.request, domain, max(1.0, LONGEST - (time.monotonic() - self.began)))


class CheckView(Button):
    """The button "Check again"."""

    def post(self, _request: HttpRequest, key: str) -> HttpResponse:
        """Look at the domain and go back to the page."""
        site = find(key)
        self.check_now(site.domain)
        return self.go('dns', site.domain)


class PublishView(Button):
    """The records to publish at the domain's name server, then their publication."""

    def get_title(self) -> Text:
        """The question."""
        return _('Publish records for {domain}').format(domain=self.name)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """The changes that would be made, or the page after they were."""
        site = find(key)
        really = request.POST.get('really') == 'yes'
        try:
            answer = call(privileged.dns_push, site.domain, really)
        except MailError as error:
            detail = f' ({error.detail})' if error.detail else ''
            messages.error(request, error.sentence + detail)
            return self.go('dns', site.domain)
        changes = list(map(ZoneChange.from_json, answer))
        if changes and not really:
            return self.page('email-dns-publish.html', changes=changes, domain=site.domain)
        self._tell(really)
        if really:
            self.check_now(site.domain)
        return self.go('dns', site.domain)

    def _tell(self, really: bool) -> None:
        """Tell the result."""
        self.tell(
            pages.RECORDS_PUBLISHED if really
            else pages.RECORDS_THERE
        )  # fmt: skip


class KeysView(Button):
    """The button "Replace keys"."""

    def post(self, _request: HttpRequest, key: str) -> HttpResponse:
        """Have the next keys take over, in the background."""
        site = find(key)
        call(privileged.dkim_rotate, site.domain, False)
        self.tell(pages.KEYS_REQUESTED)
        return self.go('dns', site.domain)


class ZoneView(RecordsPage, View):
    """The records as a file to download."""

    http_method_names = ('get',)

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """A zone file, or lines for nsupdate."""
        site = find(key)
        latest = Memory().latest(site.domain)
        zone, records = latest.zone if latest else site.domain, wanted(site)
        text, ending = bind(records, zone), 'zone'
        if request.GET.get('form') == 'nsupdate':
            added = [
                ZoneChange(each.name, each.kind, added=(each.text,))
                for each in records
                if each.value and each.is_in(zone)
            ]
            text, ending = nsupdate(added, zone), 'nsupdate'
        answer = HttpResponse(text, content_type='text/plain; charset=utf-8')
        answer['Content-Disposition'] = f'attachment; filename="{site.domain}.{ending}"'
        return answer
