# SPDX-License-Identifier: AGPL-3.0-or-later
"""DMARC and TLS reports on a domain, and how strict its policy can be.

The reports were read already; this page only adds up what was kept of them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from .. import privileged
from ..directory.alias import REPORTS
from ..directory.domain import DMARC, Domain
from ..directory.store import Store as Directory
from ..reports.figures import Day, Sessions, Source, Who, fair
from ..reports.summary import DAYS, Summary, summary
from ..status import State
from ..words import pages, reports
from ..words.text import Text
from .domain_pages import DomainPages
from .page import Page, call
from .shown import ShownState
from .undo_offer import Call

MOST_SOURCES = 25
MOST_RECEIVERS = 10
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
    """The bars of a chart; any message at all can be seen."""
    most = max((day.total for day in days), default=0) or 1

    def height(count: int) -> int:
        return max(2, round(count * (HEIGHT - 4) / most)) if count else 0

    found = []
    for place, day in enumerate(days):
        works, fails = height(day.passing), height(day.failing)
        text = _('{day}: {passing} passed, {failing} failed').format(
            day=date_format(day.day, 'j M'), passing=day.passing, failing=day.failing
        )
        found.append(Bar(place * WIDTH, (HEIGHT - works, works),
                         (HEIGHT - works - fails, fails), text))  # fmt: skip
    return found


@dataclass(frozen=True)
class Sender:
    """A server that sends mail using our domain, in words."""

    source: Source
    state: State
    word: Text
    who: Text


def to_sender(source: Source) -> Sender:
    """A source of mail in words."""
    who = reports.sender(source.who.value)
    if not source.failing:
        return Sender(source, State.WORKS, _('Passed'), who)
    if source.who in (Who.STRANGER, Who.OTHERS):
        return Sender(source, State.UNKNOWN, _('Failed'), who)
    state = State.BROKEN if source.who is Who.OWN else State.LOOK
    return Sender(source, state, _('Partly passed') if source.passing else _('Failed'), who)


def _grouped(number: int) -> str:
    """A number as the reader writes it: 1,018."""
    return str(number_format(number, force_grouping=True))


def _headline(known: Summary) -> str:
    """How much of the mail using our domain passed."""
    if not known.total:
        return str(_('No reports yet'))
    text = ngettext(
        '{passing} of {count} message passed',
        '{passing} of {count} messages passed',
        known.total,
    )
    return str(text).format(passing=_grouped(known.passing), count=_grouped(known.total))


def _sessions_headline(found: Sessions) -> str:
    count = found.works + found.fails
    if not count:
        return str(_('No reports yet'))
    text = ngettext(
        '{works} of {count} delivery to you was encrypted',
        '{works} of {count} deliveries to you were encrypted',
        count,
    )
    return str(text).format(works=_grouped(found.works), count=_grouped(count))


class ReportsPage(DomainPages, TemplateView):
    """All that is known of a domain from reports."""

    template_name = 'email-reports.html'

    def get_title(self) -> Text:
        """The title of the page."""
        return _('Reports on {domain}').format(domain=self.domain_name)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the summary of the kept reports."""
        with Directory() as directory:
            domain = directory.get(Domain, self.kwargs['key'])
        known = summary(domain)
        return super().get_context_data(
            domain=domain.name,
            entry=domain,
            known=known,
            chosen_dmarc=reports.POLICIES[domain.dmarc],
            chosen_mta_sts=reports.MODES[domain.mta_sts],
            address=f'{REPORTS}@{domain.name}',
            policies=[(each, reports.POLICIES[each]) for each in DMARC],
            aside=[(count, reports.ASIDE[code]) for code, count in known.aside],
            receivers=known.receivers[:MOST_RECEIVERS],
            more_receivers=max(0, len(known.receivers) - MOST_RECEIVERS),
            **_of_mail(known, domain),
            **_of_sessions(known),
            **kwargs,
        )


def _of_mail(known: Summary, domain: Domain) -> dict[str, Any]:
    """The context of mail using our domain."""
    seen = known.published
    senders = [to_sender(each) for each in fair(known.sources, MOST_SOURCES)]
    return {
        'days': [day for day in reversed(known.days) if day.total],
        'first_day': known.days[0].day,
        'bars': bars(known.days),
        'width': DAYS * WIDTH,
        'height': HEIGHT,
        'most': max(day.total for day in known.days),
        'senders': senders,
        'more_senders': len(known.sources) - len(senders),
        'mail': ShownState(known.mail.state, _headline(known), reports.sentence(known.mail)),
        'mail_step_text': reports.STEPS.get(known.mail.step),
        'is_behind': bool(seen) and DMARC.index(seen) < DMARC.index(domain.dmarc),
        'is_ahead': bool(seen) and DMARC.index(seen) > DMARC.index(domain.dmarc),
        'published': reports.POLICIES.get(seen),
    }


def _of_sessions(known: Summary) -> dict[str, Any]:
    """The context of encrypted delivery."""
    advised = known.encryption
    return {
        'reasons': [(reports.reason(reason), count) for reason, count in known.sessions.reasons],
        'tls': ShownState(
            advised.state, _sessions_headline(known.sessions), reports.sentence(advised)
        ),
        'tls_step_text': reports.STEPS.get(advised.step),
    }


class ChoosePolicy(Page, View):
    """The buttons that change the DMARC policy."""

    http_method_names = ('post',)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Keep the choice; the record of it is then among those to publish."""
        with Directory() as directory:
            before = directory.get(Domain, key)
        dmarc, version = request.POST.get('dmarc', ''), request.POST.get('version', '')
        answer = call(
            privileged.domain_change,
            before.name,
            dmarc=dmarc,
            version=version,
            by=self.request.user.username,
        )
        after = Domain.from_json(answer)
        if after.dmarc != before.dmarc:
            earlier = {'domain': before.name, 'dmarc': before.dmarc, 'version': after.version}
            self.tell(
                pages.DMARC_CHANGED,
                Call('domain_change', earlier),
            )
        return self.go('reports', before.name)
