# SPDX-License-Identifier: AGPL-3.0-or-later
"""The file of samples: bounded, each hour and day once, and what was not seen stays unknown."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..hourly_counts import HOUR
from ..samples import ALL_DAYS, DAYS, Samples
from ..traffic_history import SPANS, MailboxUsed, history

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
THIS_HOUR = int(NOW.timestamp() // HOUR) * HOUR
TODAY = NOW.date()


@pytest.fixture(name='samples')
def _samples(tmp_path: Path) -> Iterator[Samples]:
    with Samples(tmp_path / 'new' / 'samples') as samples:
        yield samples


def test_only_its_owner_reads_the_file(samples: Samples, tmp_path: Path) -> None:
    del samples
    assert (tmp_path / 'new').stat().st_mode & 0o777 == 0o700
    assert (tmp_path / 'new' / 'samples').stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_begins_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / 'samples'
    path.write_bytes(b'no database' * 1000)
    with Samples(path) as samples:
        samples.keep_queue(3, NOW.timestamp())
    with Samples(path) as samples:
        assert samples.hours(0, 2 * THIS_HOUR)[THIS_HOUR].queue == 3
    assert 'begin anew' in capsys.readouterr().err


def test_the_longest_queue_of_an_hour_is_kept(samples: Samples) -> None:
    for length in (2, 9, 4):
        samples.keep_queue(length, NOW.timestamp())
    hour = samples.hours(THIS_HOUR, THIS_HOUR + 1)[THIS_HOUR]
    assert (hour.queue, hour.incoming) == (9, None), 'nothing was counted'


def test_hours_without_counts_stay_unknown(samples: Samples) -> None:
    samples.keep_counts(0, [], NOW.timestamp())
    assert not samples.hours(0, 2 * THIS_HOUR)
    samples.keep_counts(THIS_HOUR - 2 * HOUR, [(THIS_HOUR, 'spam', 2)], NOW.timestamp())
    found = history(samples, 'day', NOW)
    assert [part.spam for part in found.parts[-4:]] == [None, 0, 0, 2]
    assert found.total('spam') == 2
    assert found.total('queue') is None


def test_an_hour_counted_in_part_takes_nothing_back(samples: Samples) -> None:
    """Stories that begin anew have only a part of their first hour."""
    samples.keep_counts(THIS_HOUR - HOUR, [(THIS_HOUR, 'incoming', 9)], NOW.timestamp())
    samples.keep_counts(THIS_HOUR, [(THIS_HOUR, 'incoming', 2)], NOW.timestamp())
    assert samples.totals()['incoming'] == 9


def test_totals_never_fall_when_hours_are_removed(samples: Samples) -> None:
    old = THIS_HOUR - (DAYS + 1) * 24 * HOUR
    samples.keep_counts(old - HOUR, [(old, 'outgoing', 5)], old)
    samples.keep_counts(THIS_HOUR, [(THIS_HOUR, 'outgoing', 2)], NOW.timestamp())
    for _time in range(2):
        samples.prune(NOW)
        assert samples.totals()['outgoing'] == 7
    assert list(samples.hours(0, 2 * THIS_HOUR)) == [THIS_HOUR]


def test_storage_is_kept_for_each_day_and_then_for_each_week(samples: Samples) -> None:
    for ago in range(DAYS + 30):
        samples.keep_used(TODAY - timedelta(days=ago), {'a@x.test': ago})
    samples.prune(NOW)
    days = sorted(samples.used_in_all(date.min, TODAY))
    assert len(days) == ALL_DAYS + 1 + (DAYS - ALL_DAYS) // 7
    assert days[0] >= TODAY - timedelta(days=DAYS)


def test_the_largest_mailboxes_and_how_they_grew(samples: Samples) -> None:
    used = {f'{size:02}@x.test': size for size in range(20)}
    samples.keep_used(TODAY - timedelta(days=6), {'19@x.test': 12})
    samples.keep_used(TODAY, {**used, '19@x.test': 3})
    samples.keep_used(TODAY, used)
    found = history(samples, 'week', NOW)
    assert found.largest[0] == MailboxUsed('19@x.test', 19, 7)
    assert (len(found.largest), found.mailboxes) == (10, 20)
    assert [each.bytes for each in found.used] == [12, None, None, None, None, None, sum(range(20))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30)),
    st.sampled_from(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns']),
)
def test_any_moment_in_any_zone_has_its_parts(
    tmp_path_factory: pytest.TempPathFactory, moment: datetime, zone: str
) -> None:
    """On days when clocks change too: no hour is left out or counted twice."""
    now = moment.replace(tzinfo=ZoneInfo(zone))
    with Samples(tmp_path_factory.mktemp('any') / 'samples') as samples:
        last = int(now.timestamp() // HOUR) * HOUR
        hours = [(last - HOUR * ago, 'incoming', 1) for ago in range(24 * 7)]
        samples.keep_counts(hours[-1][0], hours, now.timestamp())
        for span in SPANS:
            found = history(samples, span, now)
            begins = [part.begin for part in found.parts]
            assert begins == sorted(set(begins))
            assert begins[-1] <= now
            assert len(begins) == {'day': 24, 'week': 7, 'month': 30}[span]
        assert history(samples, 'day', now).total('incoming') == 24
        assert history(samples, 'month', now).total('incoming') == 24 * 7
