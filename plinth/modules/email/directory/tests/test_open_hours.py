# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hours in which a mailbox can be opened."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from plinth.modules.email.directory.open_hours import (
    OpenHours,
    OpenRange,
    parse_times,
    written_times,
)
from plinth.modules.email.errors import MailError

MONDAY = datetime(2026, 11, 30, 12, 0)
AFTERNOON = OpenHours.parse(('1 15:00-19:00', '1 20:00-24:00'))


@some.composite
def ranges(draw: some.DrawFn) -> OpenRange:
    """Any range."""
    start = draw(some.integers(0, 287))
    return OpenRange(draw(some.integers(1, 7)), start * 5, draw(some.integers(start + 1, 288)) * 5)


@given(ranges())
def test_a_range_is_written_and_read(one: OpenRange) -> None:
    assert OpenRange.parse(str(one)) == one
    assert parse_times(one.day, written_times([one])) == (one,)


@given(ranges(), some.integers(0, 7 * 24 * 60))
def test_the_next_opening_is_open_and_later(one: OpenRange, minutes: int) -> None:
    hours, moment = OpenHours((one,)), MONDAY + timedelta(minutes=minutes)
    following = hours.next_opening(moment)
    assert following
    assert moment < following <= moment + timedelta(days=7)
    assert hours.are_open(following)
    assert not hours.are_open(following - timedelta(minutes=1)) or one.end - one.start == 24 * 60


@pytest.mark.parametrize(
    ('hour', 'minute', 'is_open'),
    [(14, 59, False), (15, 0, True), (18, 59, True), (19, 0, False), (23, 59, True)],
)
def test_a_range_ends_before_its_end(hour: int, minute: int, is_open: bool) -> None:
    assert AFTERNOON.are_open(MONDAY.replace(hour=hour, minute=minute)) is is_open


def test_no_ranges_are_any_time() -> None:
    assert OpenHours().are_open(MONDAY)
    assert OpenHours().next_opening(MONDAY) is None


@pytest.mark.parametrize('text', ['1 19:00-15:00', '0 15:00-19:00', '1 15:03-19:00', '1 15-19', ''])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(MailError, match='Enter times'):
        OpenRange.parse(text)


def test_ranges_that_meet_are_refused() -> None:
    with pytest.raises(MailError, match='overlap'):
        OpenHours.parse(('1 15:00-19:00', '1 18:00-20:00'))


def test_times_as_people_write_them() -> None:
    assert written_times(parse_times(3, '15-19, 20:00 \u2013 21:30')) == '15:00-19:00, 20:00-21:30'
    assert parse_times(3, ' ') == ()
