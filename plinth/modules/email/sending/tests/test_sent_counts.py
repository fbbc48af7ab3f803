# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counts of recipients: windows of time, recipients that are known, and files that are damaged."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plinth.modules.email.sending.sent_counts import (
    DAY,
    HOUR,
    STEP,
    UNIT,
    Holding,
    SentCounts,
    Sums,
)

Opened = Callable[..., SentCounts]
ALICE, BOB = 'alice@example.test', 'bob@example.test'


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(name='opened')
def fixture_opened(tmp_path: Path) -> Iterator[Callable[..., SentCounts]]:
    """The function that opens the counts of a test, which are closed at its end."""
    found: list[SentCounts] = []

    def opened(clock: Callable[[], float] = time.time) -> SentCounts:
        found.append(SentCounts(tmp_path / 'c', clock))
        return found[-1]

    yield opened
    for each in found:
        each.close()


def marks(counts: SentCounts, *addresses: str) -> set[bytes]:
    return {counts.mark(address) for address in addresses}


def test_a_recipient_is_new_once_for_each_mailbox(opened: Opened) -> None:
    counts = opened()
    new = marks(counts, 'a@elsewhere.test', 'b@elsewhere.test')
    assert counts.unknown(ALICE, new) == new
    counts.add(ALICE, 2, new)
    assert counts.unknown(ALICE, new) == set()
    assert counts.unknown(BOB, new) == new
    assert counts.unknown(ALICE, marks(counts, 'A@Elsewhere.test')) == set(), 'in any case'
    assert counts.sums(ALICE) == Sums(2, 2, 2)
    assert counts.sums(BOB) == Sums()


def test_what_was_released_is_known_and_not_counted(opened: Opened) -> None:
    counts = opened()
    counts.learn(ALICE, marks(counts, 'a@elsewhere.test'))
    assert counts.unknown(ALICE, marks(counts, 'a@elsewhere.test')) == set()
    assert counts.sums(ALICE) == Sums()


def test_counts_end_after_an_hour_and_a_day(opened: Opened) -> None:
    clock = Clock()
    counts = opened(clock)
    counts.add(ALICE, 3, marks(counts, 'a@elsewhere.test'))
    for seconds, expected in (
        (HOUR, Sums(3, 3, 1)),
        (HOUR + STEP, Sums(0, 3, 1)),
        (DAY, Sums(0, 3, 1)),
        (DAY + STEP, Sums()),
    ):
        clock.now = 1_800_000_000.0 + seconds
        assert counts.sums(ALICE) == expected, seconds


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2 * DAY), st.integers(1, 9)), max_size=20))
def test_an_hour_is_never_less_than_an_hour(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[int, int]]
) -> None:
    clock = Clock()
    begin = clock.now
    counts = SentCounts(tmp_path_factory.mktemp('counts') / 'c', clock)
    for after, number in sorted(sent):
        clock.now = begin + after
        counts.add(ALICE, number, ())
    sums = counts.sums(ALICE)
    for seconds, found in ((HOUR, sums.hour), (DAY, sums.day)):
        exactly = sum(n for after, n in sent if begin + after > clock.now - seconds)
        at_most = sum(n for after, n in sent if begin + after > clock.now - seconds - STEP)
        assert exactly <= found <= at_most
    counts.close()


def test_a_clock_that_was_ahead_is_forgotten(opened: Opened) -> None:
    clock = Clock()
    counts = opened(clock)
    clock.now += 365 * DAY
    counts.add(ALICE, 99, ())
    clock.now -= 365 * DAY
    assert counts.sums(ALICE) == Sums()


def test_counts_are_kept_and_old_ones_dropped(opened: Opened) -> None:
    clock = Clock()
    first = opened(clock)
    first.add(ALICE, 5, marks(first, 'a@elsewhere.test'))
    first.close()
    clock.now += 2 * DAY
    again = opened(clock)
    assert again.unknown(ALICE, marks(again, 'a@elsewhere.test')) == set()
    again.add(ALICE, 1, ())
    found = again._connection.execute('SELECT count(*) FROM sent').fetchone()
    assert found == (1,)


def test_people_are_told_once_a_day_and_after_a_decision(opened: Opened) -> None:
    clock = Clock()
    counts = opened(clock)

    def tells(login: str) -> bool:
        return counts.hold(login, 1).is_first

    assert [tells(ALICE), tells(ALICE), tells(BOB)] == [True, False, True]
    counts.forget_held(ALICE)
    assert [tells(ALICE), tells(ALICE), tells(BOB)] == [True, False, False]
    clock.now += DAY
    assert [tells(ALICE), tells(ALICE)] == [True, False]
    clock.now -= 30 * DAY
    assert tells(ALICE), 'the clock was ahead'


def test_held_mail_is_counted_by_its_size(opened: Opened) -> None:
    clock = Clock()
    counts = opened(clock)
    sizes = (0, 1, UNIT, 5 * UNIT + 1, 50)
    assert [counts.hold(ALICE, size).units for size in sizes] == [1, 2, 3, 8, 9]
    assert counts.hold(BOB, 7 * UNIT) == Holding(True, 7)
    clock.now += DAY + 1
    assert counts.hold(ALICE, 2 * UNIT) == Holding(True, 2)


def test_a_damaged_file_is_begun_anew(
    opened: Opened, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / 'c').write_bytes(b'SQLite format 3\0' + b'no database' * 999)
    counts = opened()
    counts.add(ALICE, 1, ())
    assert counts.sums(ALICE).hour == 1
    assert 'damaged' in capfd.readouterr().err


def test_the_file_does_not_hold_addresses_of_recipients(opened: Opened, tmp_path: Path) -> None:
    counts = opened()
    counts.add(ALICE, 1, marks(counts, 'secret-friend@elsewhere.test'))
    counts.close()
    assert b'secret-friend' not in (tmp_path / 'c').read_bytes()
