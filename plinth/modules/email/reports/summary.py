# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything reports say of a domain, added up and judged, for pages and the command."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ..directory.domain import Domain
from ..dns import dmarc, local_facts
from ..dns.memory import Memory
from ..dns.report import DnsReport
from . import advice, figures
from .advice import Advice
from .archive import ReportStore, ReportType, StoredReport, StoredReports, today
from .figures import Day, Sessions, Source

DAYS = 30
_BACK = timedelta(days=60)
"""A step that was waited for may have begun before the days that are shown."""


@dataclass(frozen=True)
class Summary:
    """Reports of the last `DAYS` days: sums, and the advice of both kinds."""

    days: tuple[Day, ...]
    sources: tuple[Source, ...]
    sessions: Sessions
    receivers: tuple[str, ...]
    count: int
    aside: tuple[tuple[str, int], ...]
    """How many mails did not count, and why."""
    mail: Advice
    encryption: Advice
    published: str
    """The DMARC policy others saw when the records were checked last, '' if none."""
    is_empty: bool
    """Whether no report came, in days before these too."""

    @property
    def passing(self) -> int:
        """How many messages passed."""
        return sum(day.passing for day in self.days)

    @property
    def total(self) -> int:
        """How many messages were reported."""
        return sum(day.total for day in self.days)


def _published(latest: DnsReport | None) -> str:
    """The policy in the record the latest check found."""
    verdict = latest.verdicts.get('dmarc') if latest else None
    for value in verdict.found if verdict else ():
        policy = dmarc.read(value)
        if policy:
            return policy.name
    return ''


def _own_addresses(latest: DnsReport | None) -> set[str]:
    """The addresses of this box: its own and those the mail host's name leads to."""
    roles = ('address-a', 'address-aaaa')
    seen = [latest.verdicts[role].found for role in roles if latest and role in latest.verdicts]
    return {*local_facts.own_addresses(), *(address for found in seen for address in found)}


def _since(
    entries: Iterable[StoredReport[ReportType]], first: date
) -> list[StoredReport[ReportType]]:
    return [entry for entry in entries if entry.report.day > first]


def add_up(
    kept: StoredReports, domain: Domain, own: Collection[str], last: date, published: str = ''
) -> Summary:
    """The kept reports added up; `own` are the addresses of this box."""
    first = last - timedelta(days=DAYS)
    mail, sessions = _since(kept.dmarc, first), _since(kept.tls, first)
    return Summary(
        figures.days(kept.dmarc, last, DAYS),
        figures.sources(mail, own),
        figures.sessions(sessions),
        tuple(sorted({*figures.receivers(mail), *figures.receivers(sessions)})),
        len(mail) + len(sessions),
        tuple(sorted(kept.aside.items(), key=lambda pair: -pair[1])),
        advice.dmarc(kept.dmarc, domain.dmarc, own, last),
        advice.tls(kept.tls, domain.mta_sts, last),
        published,
        not (kept.dmarc or kept.tls),
    )


def summary(domain: Domain) -> Summary:
    """The summary of a domain now."""
    last, latest = today(), Memory().latest(domain.name)
    kept = ReportStore().read(domain.name, last - _BACK, last)
    return add_up(kept, domain, _own_addresses(latest), last, _published(latest))
