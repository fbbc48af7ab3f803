# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sums over reports: messages per day, who sends, which sessions fail. All of it is pure."""

import enum
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from .dmarc import Row
from .store import DmarcEntry, Entry, ReportType, TlsEntry


class Who(enum.Enum):
    """Who seems to stand behind an address that sends in our name."""

    OWN = 'own'
    """An address of this box."""
    TRUSTED = 'trusted'
    """Somebody whose mail passes: a service we let send, or one that passes our mail on."""
    CHANGED = 'changed'
    """Somebody whose mail carries our signature, which no longer holds, as lists do."""
    STRANGER = 'stranger'


@dataclass(frozen=True)
class Day:
    """The messages of one day."""

    day: date
    passing: int = 0
    failing: int = 0

    @property
    def total(self) -> int:
        """Return how many there were."""
        return self.passing + self.failing


@dataclass(frozen=True)
class Source:
    """What was sent in our name from one address."""

    address: str
    who: Who
    count: int
    passing: int
    spf: int
    dkim: int
    changed: int = 0
    """Of those that fail, how many carried a signature in our name."""

    @property
    def failing(self) -> int:
        """Return how many messages did not pass."""
        return self.count - self.passing


@dataclass(frozen=True)
class Sessions:
    """How encrypted delivery to us went, and why it failed."""

    works: int = 0
    fails: int = 0
    reasons: tuple[tuple[str, int], ...] = ()


def days(entries: Iterable[DmarcEntry], last: date, count: int) -> tuple[Day, ...]:
    """Return the days up to `last`, also those nothing is known of."""
    passing: Counter[date] = Counter()
    failing: Counter[date] = Counter()
    for entry in entries:
        passing[entry.report.day] += entry.report.passing
        failing[entry.report.day] += entry.report.failing
    wanted = [last - timedelta(days=back) for back in reversed(range(count))]
    return tuple(Day(day, passing[day], failing[day]) for day in wanted)


def _who(rows: Collection[Row], is_own: bool) -> Who:
    if is_own:
        return Who.OWN
    if any(row.passes for row in rows):
        return Who.TRUSTED
    return Who.CHANGED if any(row.signed for row in rows) else Who.STRANGER


def _source(address: str, rows: Collection[Row], is_own: bool) -> Source:
    def total(chosen: Iterable[Row]) -> int:
        return sum(row.count for row in chosen)

    return Source(
        address, _who(rows, is_own), total(rows), total(row for row in rows if row.passes),
        total(row for row in rows if row.spf), total(row for row in rows if row.dkim),
        total(row for row in rows if row.signed and not row.passes),
    )  # fmt: skip


def sources(entries: Iterable[DmarcEntry], own: Collection[str]) -> tuple[Source, ...]:
    """Return who sent in our name, those with most messages first."""
    rows: dict[str, list[Row]] = {}
    for entry in entries:
        for row in entry.report.rows:
            rows.setdefault(row.source, []).append(row)
    found = [_source(address, each, address in own) for address, each in rows.items()]
    return tuple(sorted(found, key=lambda each: (-each.count, each.address)))


def sessions(entries: Iterable[TlsEntry]) -> Sessions:
    """Return the sum of all encrypted sessions."""
    works = fails = 0
    reasons: Counter[str] = Counter()
    for entry in entries:
        works += sum(entry.report.works.values())
        fails += sum(entry.report.fails.values())
        for failure in entry.report.failures:
            reasons[failure.reason] += failure.count
    return Sessions(works, fails, tuple(reasons.most_common()))


def receivers(entries: Iterable[Entry[ReportType]]) -> tuple[str, ...]:
    """Return the domains that proved to have sent reports."""
    return tuple(sorted({entry.sender for entry in entries}))
