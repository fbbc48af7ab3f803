# SPDX-License-Identifier: AGPL-3.0-or-later
"""The DNS records a domain needs, and what others see of them.

The page itself never asks DNS: it shows the latest report. Only its buttons do, and they
come back within `dns.look.DEADLINE` and the few seconds a name server has to take a change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from .. import privileged
from ..directory.address import unicode_domain
from ..dns import check, report, words
from ..dns.changes import Change
from ..dns.checks import CHECKS, Check
from ..dns.memory import Memory
from ..dns.records import Record, Severity, Site, wanted
from ..dns.zonefile import bind, nsupdate
from ..errors import MailError
from ..overview import State


@dataclass(frozen=True)
class Row:
    """One record or check as the page shows it."""

    thing: Record | Check
    state: State
    sentence: str
    found: tuple[str, ...] = ()
    label: str = ''
    entering: str = ''
    absent: bool = False
    """Whether it is not there and need not be, which is neither good nor bad."""

    @property
    def is_optional(self) -> bool:
        """Return whether mail works without it."""
        return self.thing.severity is Severity.OPTIONAL

    @property
    def needs_somebody(self) -> bool:
        """Return whether it should be shown unfolded."""
        return self.state is State.BROKEN or (
            not self.is_optional and self.state is not State.WORKS
        )

    @property
    def is_record(self) -> bool:
        """Return whether there is a value to copy."""
        return isinstance(self.thing, Record)


def to_row(thing: Record | Check, latest: report.Report | None) -> Row:
    """Return a thing with the latest verdict on it."""
    label = entering = ''
    verdict = None
    if isinstance(thing, Record):
        label = thing.label(latest.zone if latest else thing.name)
        entering = str(words.ENTERING[thing.kind])
        verdict = latest.verdict(thing) if latest else None
    elif latest:
        verdict = latest.verdicts.get(thing.role)
    if verdict is None:
        return Row(thing, State.UNKNOWN, _('Not checked yet.'), (), label, entering)
    said, absent = words.sentence(verdict), verdict.code in words.ABSENT
    return Row(thing, State(verdict.state), said, verdict.found, label, entering, absent)


def age(latest: report.Report | None) -> str:
    """Return in words how old a report is."""
    if latest is None:
        return ''
    if datetime.now(UTC) - latest.when < timedelta(minutes=1):
        return str(_('Checked just now.'))
    return str(_('Checked {time} ago.').format(time=timesince(latest.when)))


def headline(rows: list[Row], domain: str, latest: report.Report | None) -> tuple[State, str]:
    """Return the answer: what others see of a domain, in one sentence."""
    if latest is None:
        return State.UNKNOWN, _('Nobody has looked yet at what others see of {domain}.').format(
            domain=domain
        )
    todo = [row for row in rows if row.needs_somebody and row.state is not State.UNKNOWN]
    if todo:
        state = State.BROKEN if any(row.state is State.BROKEN for row in todo) else State.LOOK
        text = ngettext(
            '{count} thing about {domain} needs you.', '{count} things about {domain} need you.',
            len(todo),
        )  # fmt: skip
        return state, text.format(count=len(todo), domain=domain)
    if any(row.needs_somebody for row in rows):
        return State.UNKNOWN, _('Not all about {domain} could be found out.').format(domain=domain)
    return State.WORKS, _('Others see all of {domain} they need to.').format(domain=domain)


def find(name: str) -> Site:
    """Return what a domain's records depend on; a page that is not there when it is not ours."""
    try:
        return check.site_of(name, privileged.dns_facts)
    except MailError as error:
        if error.code in ('domain-missing', 'domain-invalid'):
            raise Http404 from error
        raise


class RecordsView(TemplateView):
    """A domain's records: wanted, found, and the difference in words."""

    template_name = 'email-dns.html'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the records, or why they cannot be shown."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context['title'] = _('DNS records of {domain}').format(domain=kwargs['domain'])
        try:
            site = find(kwargs['domain'])
            context.update(self._shown(site))
            context['server'] = privileged.dns_provider(site.domain)
        except MailError as error:
            context['problem'] = error.sentence
        return context

    @staticmethod
    def _shown(site: Site) -> Mapping[str, Any]:
        """Return what the page shows of a domain."""
        latest = Memory().latest(site.domain)
        things: list[Record | Check] = [*wanted(site), *(() if site.is_hidden else CHECKS)]
        rows = [to_row(thing, latest) for thing in things]
        name = unicode_domain(site.domain)
        state, answer = headline(rows, name, latest)
        rest = [row for row in rows if not row.needs_somebody]
        return {
            'site': site,
            'name': name,
            'latest': latest,
            'state': state,
            'answer': answer,
            'age': age(latest),
            'extras': [row for row in rest if row.is_optional],
            'groups': [
                (_('What needs you'), [row for row in rows if row.needs_somebody]),
                (_('In order'), [row for row in rest if not row.is_optional]),
            ],
        }


def _back(domain: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse('email:dns', args=[domain]))


def check_now(request: HttpRequest, domain: str) -> None:
    """Look at a domain at once; what keeps us from it is told on the next page."""
    try:
        check.check(domain, privileged.dns_facts)
    except MailError as error:
        messages.error(request, error.sentence)


class Guarded(View):
    """A view that says in a sentence why it could not do its work."""

    def dispatch(self, request: HttpRequest, *arguments: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead back to the overview, which knows what is wrong with the box."""
        try:
            return super().dispatch(request, *arguments, **kwargs)
        except MailError as error:
            messages.error(request, error.sentence)
            return HttpResponseRedirect(reverse('email:index'))


class CheckView(Guarded):
    """The button "Check again"."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest, domain: str) -> HttpResponseRedirect:
        """Look at the domain and go back to the page."""
        site = find(domain)
        check_now(request, site.domain)
        return _back(site.domain)


class ZoneView(Guarded):
    """The records as a file to download."""

    http_method_names = ('get',)

    def get(self, request: HttpRequest, domain: str) -> HttpResponse:
        """Return a zone file, or lines for nsupdate."""
        site = find(domain)
        latest = Memory().latest(site.domain)
        zone, records = latest.zone if latest else site.domain, wanted(site)
        text, ending = bind(records, zone), 'zone'
        if request.GET.get('form') == 'nsupdate':
            added = [
                Change(each.name, each.kind, added=(each.text,))
                for each in records
                if each.value and each.is_in(zone)
            ]
            text, ending = nsupdate(added, zone), 'nsupdate'
        answer = HttpResponse(text, content_type='text/plain; charset=utf-8')
        answer['Content-Disposition'] = f'attachment; filename="{site.domain}.{ending}"'
        return answer


class PublishView(Guarded):
    """Publish the records at the domain's name server: first say what, then do it."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest, domain: str) -> HttpResponse:
        """Show what would change, or make the changes."""
        site = find(domain)
        really = request.POST.get('really') == 'yes'
        try:
            changes = privileged.dns_push(site.domain, really)
        except MailError as error:
            detail = f' ({error.detail})' if error.detail else ''
            messages.error(request, error.sentence + detail)
            return _back(site.domain)
        if really:
            messages.success(request, _('The records are published.'))
            check_now(request, site.domain)
        elif not changes:
            messages.success(request, _('Your name server holds all these records already.'))
        else:
            title = _('Publish records of {domain}').format(domain=site.domain)
            context = {'changes': changes, 'domain': site.domain, 'title': title}
            return render(request, 'email-dns-publish.html', context)
        return _back(site.domain)
