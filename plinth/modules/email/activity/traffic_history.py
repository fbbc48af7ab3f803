# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail traffic of the last day, week or month, in parts: hours of a day, else days.

Days are those of the box. A number that no sample tells of is None, never zero.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, get_args

from ..errors import MailError
from ..system.box_zone import box_zone
from ..system.json_value import JsonValue
from .samples import HourSample, Samples

Span = Literal['day', 'week', 'month']
SPANS: tuple[Span, ...] = get_args(Span)
_DAYS = {'day': 7, 'week': 7, 'month': 30}
"""Days of which there is storage; traffic of a day is in hours."""
MOST_MAILBOXES = 10


@dataclass(frozen=True)
class TrafficPart(JsonValue):
    """The numbers of an hour or a day; None is unknown."""

    begin: datetime
    incoming: int | None = None
    outgoing: int | None = None
    spam: int | None = None
    refused: int | None = None
    deferred: int | None = None
    queue: int | None = None


@dataclass(frozen=True)
class DayUsed(JsonValue):
    """The storage used by all mailboxes on a day; None is unknown."""

    day: date
    bytes: int | None = None


@dataclass(frozen=True)
class MailboxUsed(JsonValue):
    """The storage a mailbox uses, and how much more or less that is than at the beginning."""

    address: str
    bytes: int
    grown: int


@dataclass(frozen=True)
class TrafficHistory(JsonValue):
    """Traffic and storage of a span of time, up to now."""

    parts: tuple[TrafficPart, ...]
    used: tuple[DayUsed, ...]
    largest: tuple[MailboxUsed, ...]
    mailboxes: int

    def total(self, name: str) -> int | None:
        """The sum of a number; None if all of it is unknown."""
        return added(getattr(part, name) for part in self.parts)


def added(numbers: Iterable[int | None]) -> int | None:
    """The sum of the numbers that are known."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _begins(span: Span, now: datetime) -> list[datetime]:
    """The beginnings of all parts, and the end of the last one."""
    if span == 'day':
        hour = now.timestamp() // 3600 * 3600
        moments = (hour + 3600 * each for each in range(-23, 2))
        return [datetime.fromtimestamp(each, now.tzinfo) for each in moments]
    days = range(1 - _DAYS[span], 2)
    zone = now.tzinfo or box_zone()
    return [_midnight(now.date() + timedelta(days=each), zone) for each in days]


def part_of(begin: datetime, samples: Iterable[HourSample]) -> TrafficPart:
    """The numbers of some hours put together: sums, and the longest queue."""
    hours = list(samples)
    lengths = [hour.queue for hour in hours if hour.queue is not None]
    return TrafficPart(
        begin,
        added(hour.incoming for hour in hours),
        added(hour.outgoing for hour in hours),
        added(hour.spam for hour in hours),
        added(hour.refused for hour in hours),
        added(hour.deferred for hour in hours),
        max(lengths, default=None),
    )


def _parts(samples: Samples, span: Span, now: datetime) -> Iterator[TrafficPart]:
    begins = _begins(span, now)
    hours = samples.hours(begins[0].timestamp(), begins[-1].timestamp())
    for begin, end in itertools.pairwise(begins):
        first, last = begin.timestamp(), end.timestamp()
        yield part_of(begin, (hours[start] for start in hours if first <= start < last))


def _largest(now: dict[str, int], before: dict[str, int]) -> tuple[MailboxUsed, ...]:
    """The largest mailboxes."""
    found = sorted(now.items(), key=lambda each: (-each[1], each[0]))[:MOST_MAILBOXES]
    return tuple(
        MailboxUsed(address, size, size - before.get(address, 0)) for address, size in found
    )


def history(samples: Samples, span: Span, now: datetime) -> TrafficHistory:
    """Traffic and storage of a span of time up to a local moment."""
    first = now.date() - timedelta(days=_DAYS[span] - 1)
    sizes = samples.used_in_all(first, now.date())
    days = (first + timedelta(days=each) for each in range(_DAYS[span]))
    used = samples.used_on(now.date())
    return TrafficHistory(
        tuple(_parts(samples, span, now)),
        tuple(DayUsed(day, sizes.get(day)) for day in days),
        _largest(used, samples.used_on(first)),
        len(used),
    )


def look(span: str) -> TrafficHistory:
    """Traffic and storage of a span of time up to now."""
    for each in SPANS:
        if each == span:
            with Samples() as samples:
                return history(samples, each, datetime.now(box_zone()))
    raise MailError('span-invalid', span[:20])
