# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sums over reports: messages per day, who sends, which sessions fail. All of it is pure."""

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .archive import DmarcEntry, ReportType, StoredReport, TlsEntry
from .dmarc import DmarcRow
from .head import organisation


class Who(enum.Enum):
    """The kind of sender that seems to stand behind an address."""

    OWN = 'own'
    """An address of this box."""
    TRUSTED = 'trusted'
    """A sender whose mail passes: a service we let send, or one that passes our mail on."""
    CHANGED = 'changed'
    """A sender whose mail carries our signature, which no longer holds, as lists do."""
    STRANGER = 'stranger'
    OTHERS = 'others'
    """Several addresses: those beyond the first of large reports, added up."""


@dataclass(frozen=True)
class Day:
    """The messages of one day."""

    day: date
    passing: int = 0
    failing: int = 0

    @property
    def total(self) -> int:
        """How many there were."""
        return self.passing + self.failing


@dataclass(frozen=True)
class Source:
    """Mail sent in our name from one address."""

    address: str
    who: Who
    count: int
    passing: int
    spf: int
    dkim: int
    changed: int = 0
    """Of those that fail, how many carried a signature in our name."""
    reporters: tuple[str, ...] = ()
    """The domains of those who reported it."""

    @property
    def failing(self) -> int:
        """How many messages did not pass."""
        return self.count - self.passing


@dataclass(frozen=True)
class Sessions:
    """How encrypted delivery to us went, and why it failed."""

    works: int = 0
    fails: int = 0
    reasons: tuple[tuple[str, int], ...] = ()


def days(entries: Iterable[DmarcEntry], last: date, count: int) -> tuple[Day, ...]:
    """The days up to `last`, also those nothing is known of."""
    passing: Counter[date] = Counter()
    failing: Counter[date] = Counter()
    for entry in entries:
        passing[entry.report.day] += entry.report.passing
        failing[entry.report.day] += entry.report.failing
    wanted = [last - timedelta(days=back) for back in reversed(range(count))]
    return tuple(Day(day, passing[day], failing[day]) for day in wanted)


def _who(address: str, rows: Collection[DmarcRow], is_own: bool) -> Who:
    if is_own:
        return Who.OWN
    if not address:
        return Who.OTHERS
    if any(row.passes for row in rows):
        return Who.TRUSTED
    return Who.CHANGED if any(row.signed for row in rows) else Who.STRANGER


def _source(address: str, told: Collection[tuple[str, DmarcRow]], is_own: bool) -> Source:
    rows = [row for _reporter, row in told]

    def total(chosen: Iterable[DmarcRow]) -> int:
        return sum(row.count for row in chosen)

    return Source(
        address, _who(address, rows, is_own), total(rows),
        total(row for row in rows if row.passes),
        total(row for row in rows if row.spf), total(row for row in rows if row.dkim),
        total(row for row in rows if row.signed and not row.passes),
        tuple(sorted({reporter for reporter, _row in told})),
    )  # fmt: skip


def sources(entries: Iterable[DmarcEntry], own: Collection[str]) -> tuple[Source, ...]:
    """The sources of mail in our name, those with most messages first."""
    told: dict[str, list[tuple[str, DmarcRow]]] = {}
    for entry in entries:
        for row in entry.report.rows:
            told.setdefault(row.source, []).append((organisation(entry.sender), row))
    found = [_source(address, each, address in own) for address, each in told.items()]
    return tuple(sorted(found, key=lambda each: (-each.count, each.address)))


def fair(found: Sequence[Source], most: int) -> list[Source]:
    """The first `most` sources; those only one reporter knows fill no more than half of them.

    Sources of this box always are among them.
    """
    alone: Counter[str] = Counter()
    first, rest = [each for each in found if each.who is Who.OWN], []
    for each in found:
        reporter = each.reporters[0] if len(each.reporters) == 1 else ''
        if each.who is Who.OWN:
            continue
        if reporter and alone[reporter] >= most // 2:
            rest.append(each)
            continue
        alone[reporter] += 1
        first.append(each)
    return sorted([*first, *rest][:most], key=lambda each: (-each.count, each.address))


def sessions(entries: Iterable[TlsEntry]) -> Sessions:
    """The sum of all encrypted sessions."""
    works = fails = 0
    reasons: Counter[str] = Counter()
    for entry in entries:
        works += sum(entry.report.works.values())
        fails += sum(entry.report.fails.values())
        for failure in entry.report.failures:
            reasons[failure.reason] += failure.count
    return Sessions(works, fails, tuple(reasons.most_common()))


def receivers(entries: Iterable[StoredReport[ReportType]]) -> tuple[str, ...]:
    """The organisations that proved to have sent reports, by their domains."""
    return tuple(sorted({organisation(entry.sender) for entry in entries}))
