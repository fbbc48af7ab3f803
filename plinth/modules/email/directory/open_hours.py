# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hours in which a mailbox can be opened: ranges on days of the week, in the box's time zone.

A range is written `1 15:00-19:00`: the day (1 is Monday), the first minute, and the end, which is
no longer in it. `24:00` is midnight at the end of a day. No ranges at all mean any time.

DIAGNOSTICS
    open-hours-invalid   a range is written otherwise, ends before it begins, or meets another one
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Self

from ..errors import MailError

STEP = 5
"""Minutes: sessions are ended by a timer, which looks this often."""
MOST_RANGES = 7 * 6
_DAY = 24 * 60
_RANGE = re.compile(r'([1-7]) (\d\d):(\d\d)-(\d\d):(\d\d)', re.ASCII)
_TIMES = re.compile(r'(\d{1,2})(?::(\d\d))? ?[-\u2013] ?(\d{1,2})(?::(\d\d))?', re.ASCII)


def _minute(hours: str, minutes: str | None) -> int:
    """The minute of a day."""
    if int(minutes or 0) > 59:
        raise MailError('open-hours-invalid')
    return int(hours) * 60 + int(minutes or 0)


def _clock(minute: int) -> str:
    return f'{minute // 60:02}:{minute % 60:02}'


@dataclass(frozen=True, order=True)
class OpenRange:
    """From one minute of a day of the week (1 is Monday) to another."""

    day: int
    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse what is no range within a day."""
        fits = 1 <= self.day <= 7 and 0 <= self.start < self.end <= _DAY
        if not fits or self.start % STEP or self.end % STEP:
            raise MailError('open-hours-invalid')

    @classmethod
    def parse(cls, text: str) -> Self:
        """The range an entry has. Raises MailError if it is none."""
        found = _RANGE.fullmatch(text)
        if not found:
            raise MailError('open-hours-invalid', text[:80])
        day, *times = found.groups()
        return cls(int(day), _minute(*times[:2]), _minute(*times[2:]))

    @property
    def times(self) -> str:
        """Its times, as people write them."""
        return f'{_clock(self.start)}-{_clock(self.end)}'

    def __str__(self) -> str:
        return f'{self.day} {self.times}'


@dataclass(frozen=True)
class OpenHours:
    """Ranges in order, which do not meet; none means any time."""

    ranges: tuple[OpenRange, ...] = ()

    def __post_init__(self) -> None:
        """Put the ranges in order, and refuse some that meet, or too many."""
        ordered = tuple(sorted(self.ranges))
        pairs = pairwise(ordered)
        if len(ordered) > MOST_RANGES or any(a.day == b.day and a.end >= b.start for a, b in pairs):
            raise MailError('open-hours-invalid.overlap')
        object.__setattr__(self, 'ranges', ordered)

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """The hours an entry has."""
        return cls(tuple(map(OpenRange.parse, texts)))

    @property
    def texts(self) -> tuple[str, ...]:
        """The ranges as an entry has them."""
        return tuple(map(str, self.ranges))

    def on(self, day: int) -> tuple[OpenRange, ...]:
        """The ranges of a day of the week."""
        return tuple(each for each in self.ranges if each.day == day)

    def are_open(self, moment: datetime) -> bool:
        """Whether a local moment is in the hours."""
        minute = moment.hour * 60 + moment.minute
        today = self.on(moment.isoweekday())
        return not self.ranges or any(each.start <= minute < each.end for each in today)

    def next_opening(self, moment: datetime) -> datetime | None:
        """The next beginning of a range after a local moment; None where it is always open."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        for ahead in range(8):
            day = midnight + timedelta(days=ahead)
            for each in self.on(day.isoweekday()):
                start = day + timedelta(minutes=each.start)
                if start > moment:
                    return start
        return None


def parse_times(day: int, text: str) -> tuple[OpenRange, ...]:
    """The ranges of a day as people write them: `15:00-19:00, 20-21`."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(','))):
        times = _TIMES.fullmatch(part)
        if not times:
            raise MailError('open-hours-invalid', part[:80])
        first, minutes, last, minutes_last = times.groups()
        found.append(OpenRange(day, _minute(first, minutes), _minute(last, minutes_last)))
    return tuple(found)


def written_times(ranges: Collection[OpenRange]) -> str:
    """The ranges of a day as people write them."""
    return ', '.join(each.times for each in ranges)
