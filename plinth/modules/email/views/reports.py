# SPDX-License-Identifier: AGPL-3.0-or-later
"""What others report on mail in a domain's name, and how strict it may be.

The reports were read already; this page only adds up what was kept of them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from .. import privileged
from ..directory.address import unicode_domain
from ..directory.alias import REPORTS
from ..directory.domain import DMARC, Domain
from ..directory.store import Store as Directory
from ..dns import here, tags
from ..dns.memory import Memory
from ..overview import State, Text
from ..reports import advice, figures, words
from ..reports.figures import Day, Source, Who
from ..reports.store import Kept, Store, today
from ..undo import Call
from .page import Page, Tab, call
from .shown import Shown

DAYS = 30
MOST_SOURCES = 25
HEIGHT = 100
WIDTH = 10
"""Size of the chart's bars in its own units."""


@dataclass(frozen=True)
class Bar:
    """A day of the chart: where its two parts begin and how high they are."""

    x: int
    works: tuple[int, int]
    fails: tuple[int, int]
    text: str


def bars(days: Collection[Day]) -> list[Bar]:
    """Return the bars of a chart; any message at all can be seen."""
    most = max((day.total for day in days), default=0) or 1

    def height(count: int) -> int:
        return max(2, round(count * (HEIGHT - 4) / most)) if count else 0

    found = []
    for place, day in enumerate(days):
        works, fails = height(day.passing), height(day.failing)
        text = _('{day}: {passing} recognised, {failing} not').format(
            day=date_format(day.day, 'j M'), passing=day.passing, failing=day.failing
        )
        found.append(Bar(place * WIDTH, (HEIGHT - works, works),
                         (HEIGHT - works - fails, fails), text))  # fmt: skip
    return found


@dataclass(frozen=True)
class Sender:
    """An address that sends in our name, in words."""

    source: Source
    state: State
    word: Text
    who: Text


def to_sender(source: Source) -> Sender:
    """Return in words who stands behind an address and how its mail fares."""
    who = {
        Who.OWN: _('this box'),
        Who.TRUSTED: _('recognised as yours'),
        Who.CHANGED: _('your mail, changed on its way'),
        Who.STRANGER: _('a stranger'),
    }[source.who]
    if not source.failing:
        return Sender(source, State.WORKS, _('Passes'), who)
    if source.who is Who.STRANGER:
        return Sender(source, State.UNKNOWN, _('Not recognised'), who)
    state = State.BROKEN if source.who is Who.OWN else State.LOOK
    return Sender(source, state, _('Partly passes') if source.passing else _('Does not pass'), who)


def published(domain: str) -> str:
    """Return the DMARC policy others saw when the records were checked last, '' if none."""
    latest = Memory().latest(domain)
    verdict = latest.verdicts.get('dmarc') if latest else None
    for value in verdict.found if verdict else ():
        try:
            found = tags.parse(value).get('p', '').lower()
        except ValueError:
            continue
        if found in DMARC:
            return found
    return ''


def own_addresses(domain: str) -> set[str]:
    """Return the addresses of this box: its own and those the mail host's name leads to."""
    latest = Memory().latest(domain)
    roles = ('address-a', 'address-aaaa')
    seen = [latest.verdicts[role].found for role in roles if latest and role in latest.verdicts]
    return {*here.own_addresses(), *(address for found in seen for address in found)}


def _headline(days: Collection[Day]) -> str:
    """Return how much of the mail in our name was recognised."""
    passing, count = sum(day.passing for day in days), sum(day.total for day in days)
    if not count:
        return str(_('Nothing is known yet'))
    text = ngettext(
        '{passing} of {count} message was recognised as yours',
        '{passing} of {count} messages were recognised as yours',
        count,
    )
    return str(text).format(passing=passing, count=count)


def _sessions_headline(found: figures.Sessions) -> str:
    count = found.works + found.fails
    if not count:
        return str(_('Nothing is known yet'))
    text = ngettext(
        '{works} of {count} delivery to you was encrypted',
        '{works} of {count} deliveries to you were encrypted',
        count,
    )
    return str(text).format(works=found.works, count=count)


class ReportsPage(Page, TemplateView):
    """All that is known of a domain from reports."""

    template_name = 'email-reports.html'

    def get_title(self) -> Text:
        """Return what the page is about."""
        return _('Reports on {domain}').format(domain=unicode_domain(self.kwargs['key']))

    def parents(self, tab: Tab | None) -> dict[str, Text]:
        """Return the pages above: the domain, then all domains."""
        name = self.kwargs['key']
        return {reverse('email:domain', args=[name]): unicode_domain(name), **super().parents(tab)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add up what was kept."""
        with Directory() as directory:
            domain = directory.get(Domain, self.kwargs['key'])
        last = today()
        kept = Store().read(domain.name, last - timedelta(days=60), last)
        return super().get_context_data(
            domain=domain.name,
            entry=domain,
            chosen_dmarc=words.POLICIES[domain.dmarc],
            chosen_mta_sts=words.MODES[domain.mta_sts],
            address=f'{REPORTS}@{domain.name}',
            is_empty=not (kept.dmarc or kept.tls),
            policies=[(each, words.POLICIES[each]) for each in DMARC],
            **_of_mail(kept, domain, last),
            **_of_sessions(kept, domain, last),
            **_of_reports(kept, last),
            **kwargs,
        )


def _of_mail(kept: Kept, domain: Domain, last: date) -> dict[str, Any]:
    """Return what the page shows of mail in our name."""
    own, seen = own_addresses(domain.name), published(domain.name)
    days = figures.days(kept.dmarc, last, DAYS)
    recent = [entry for entry in kept.dmarc if entry.report.day > last - timedelta(days=DAYS)]
    senders = [to_sender(each) for each in figures.sources(recent, own)]
    advised = advice.dmarc(kept.dmarc, domain.dmarc, own, last)
    return {
        'days': [day for day in reversed(days) if day.total],
        'first_day': days[0].day,
        'bars': bars(days),
        'width': DAYS * WIDTH,
        'height': HEIGHT,
        'most': max(day.total for day in days),
        'senders': senders[:MOST_SOURCES],
        'more_senders': max(0, len(senders) - MOST_SOURCES),
        'mail': Shown(words.state(advised), _headline(days), words.sentence(advised)),
        'mail_step': advised.step,
        'mail_step_text': words.STEPS.get(advised.step),
        'is_behind': bool(seen) and DMARC.index(seen) < DMARC.index(domain.dmarc),
        'is_ahead': bool(seen) and DMARC.index(seen) > DMARC.index(domain.dmarc),
        'published': words.POLICIES.get(seen),
    }


def _of_sessions(kept: Kept, domain: Domain, last: date) -> dict[str, Any]:
    """Return what the page shows of encryption."""
    recent = [entry for entry in kept.tls if entry.report.day > last - timedelta(days=DAYS)]
    found = figures.sessions(recent)
    advised = advice.tls(kept.tls, domain.mta_sts, last)
    return {
        'sessions': found,
        'reasons': [(words.reason(reason), count) for reason, count in found.reasons],
        'tls': Shown(words.state(advised), _sessions_headline(found), words.sentence(advised)),
        'tls_step': advised.step,
        'tls_step_text': words.STEPS.get(advised.step),
    }


def _of_reports(kept: Kept, last: date) -> dict[str, Any]:
    """Return what the page shows of the reports themselves."""
    first = last - timedelta(days=DAYS)
    mail = [each for each in kept.dmarc if each.report.day > first]
    sessions = [each for each in kept.tls if each.report.day > first]
    return {
        'report_count': len(mail) + len(sessions),
        'receivers': sorted({*figures.receivers(mail), *figures.receivers(sessions)}),
        'aside': sorted(
            ((count, words.ASIDE[code]) for code, count in kept.aside.items()),
            key=lambda pair: -pair[0],
        ),
    }


class ChoosePolicy(Page, View):
    """The buttons that make a domain stricter or milder."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Keep the choice; the record of it is then among those to publish."""
        with Directory() as directory:
            before = directory.get(Domain, key)
        dmarc, version = request.POST.get('dmarc', ''), request.POST.get('version', '')
        call(privileged.domain_change, before.name, dmarc=dmarc, version=version)
        with Directory() as directory:
            after = directory.get(Domain, key)
        if after.dmarc != before.dmarc:
            earlier = {'domain': before.name, 'dmarc': before.dmarc, 'version': after.version}
            self.tell(
                _('Chosen. Others know when the changed DNS record is published.'),
                Call('domain_change', earlier),
            )
        return self.go('reports', before.name)
