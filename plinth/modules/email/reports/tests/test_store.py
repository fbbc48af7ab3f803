# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is kept of reports, and the reader that brings it there."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.reports import collect, dmarc, store, tlsrpt
from plinth.modules.email.reports.store import Entry, Store

from . import samples

NOW = samples.DAY + timedelta(days=1, hours=8)
FIRST, LAST = date(2026, 10, 1), date(2026, 11, 30)


@pytest.fixture(name='kept')
def fixture_kept(tmp_path: Path) -> Store:
    """Return a store with nothing in it."""
    return Store(tmp_path)


def entry(report_id: str = 'r1', day: datetime = samples.DAY) -> Entry[dmarc.Report]:
    """Return a report to keep."""
    return Entry('outside.test', dmarc.parse(samples.dmarc(begin=day, report_id=report_id)))


def test_what_was_kept_is_there(kept: Store) -> None:
    sessions = Entry('outside.test', tlsrpt.parse(samples.tls()))
    kept.add(entry())
    kept.add(sessions)
    found = kept.read(samples.DOMAIN, FIRST, LAST)
    assert found.dmarc == (entry(),)
    assert found.tls == (sessions,)


def test_only_the_days_asked_for(kept: Store) -> None:
    for number in range(70):
        kept.add(entry(f'{number}', samples.DAY - timedelta(days=number)))
    found = kept.read(samples.DOMAIN, date(2026, 10, 25), date(2026, 11, 3))
    assert len(found.dmarc) == 10


def test_twice_is_once(kept: Store) -> None:
    kept.add(entry())
    with pytest.raises(MailError) as caught:
        kept.add(entry())
    assert caught.value.code == 'report-twice'
    kept.add(Entry('elsewhere.test', entry().report))
    assert len(kept.read(samples.DOMAIN, FIRST, LAST).dmarc) == 2


def test_a_month_has_room_for_so_much(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, 'MOST_BYTES', 3000)
    for number in range(4):
        kept.add(entry(f'{number}', samples.DAY + timedelta(days=number)))
    many = dmarc.parse(samples.dmarc((f'192.0.2.{n}', 1, True, True, True) for n in range(90)))
    with pytest.raises(MailError) as caught:
        kept.add(Entry('outside.test', many))
    assert caught.value.code == 'report-full'
    assert sum(path.stat().st_size for path in kept.folder.rglob('*.jsonl')) <= 3000


def test_what_does_not_count_takes_no_room_from_what_does(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, 'MOST_ASIDE', 500)
    for _number in range(100):
        kept.put_aside(samples.DOMAIN, 'report-bomb', NOW)
    kept.add(entry())
    found = kept.read(samples.DOMAIN, FIRST, LAST)
    assert len(found.dmarc) == 1
    assert 5 < found.aside['report-bomb'] < 20


def test_a_line_cut_short_spoils_no_other(kept: Store) -> None:
    kept.add(entry('before'))
    (path,) = kept.folder.rglob('*.jsonl')
    with path.open('ab') as file:
        file.write(b'{"kind": "dmarc", "sen')
    kept.add(entry('after'))
    ids = [each.report.report_id for each in kept.read(samples.DOMAIN, FIRST, LAST).dmarc]
    assert ids == ['before', 'after']


@pytest.mark.parametrize(
    'line',
    [
        '[]', '{}', 'x', '{"kind": "dmarc"}', '{"kind": "tls", "sender": 5}', '[' * 9000,
        '{"kind": "aside", "code": "no-such-code", "day": "2026-11-20"}',
        '{"kind": "dmarc", "sender": "a.test", "domain": "../x", "rows": [], "id": "1", '
        '"organisation": [], "begin": 1e99, "end": 0, "policy": 5}',
    ],
)  # fmt: skip
def test_what_a_reader_gone_mad_wrote_is_passed_over(kept: Store, line: str) -> None:
    kept.add(entry())
    for path in [*kept.folder.rglob('*.jsonl')]:
        path.write_text(line + '\n' + path.read_text())
        (path.parent / f'{path.stem}-aside.jsonl').write_text(line + '\n')
    found = kept.read(samples.DOMAIN, FIRST, LAST)
    assert (len(found.dmarc), len(found.tls), found.aside) == (1, 0, {})


def test_no_link_is_followed(kept: Store, tmp_path: Path) -> None:
    target = tmp_path / 'target'
    target.touch()
    (kept.folder / samples.DOMAIN).mkdir()
    (kept.folder / samples.DOMAIN / '2026-11.jsonl').symlink_to(target)
    with pytest.raises(OSError, match='Too many levels'):
        kept.add(entry())
    assert target.read_bytes() == b''


def test_a_pipe_holds_nobody_up(kept: Store) -> None:
    (kept.folder / samples.DOMAIN).mkdir()
    os.mkfifo(kept.folder / samples.DOMAIN / '2026-11.jsonl')
    assert not kept.read(samples.DOMAIN, FIRST, LAST).dmarc


def test_a_file_without_end_takes_no_memory(kept: Store) -> None:
    kept.add(entry())
    path = kept.folder / samples.DOMAIN / '2026-11.jsonl'
    os.truncate(path, 2**40)
    assert len(kept.read(samples.DOMAIN, FIRST, LAST).dmarc) == 1


def test_old_months_are_forgotten(kept: Store) -> None:
    kept.add(entry('old', samples.DAY - timedelta(days=450)))
    kept.add(entry('new'))
    kept.prune(NOW.date())
    assert [path.name for path in kept.folder.rglob('*.jsonl')] == ['2026-11.jsonl']


@pytest.fixture(name='collector')
def fixture_collector(kept: Store, tmp_path: Path) -> collect.Collector:
    """Return a reader with an empty folder of mail."""
    for name in ('new', 'cur', 'tmp'):
        (tmp_path / 'spool' / name).mkdir(parents=True)
    return collect.Collector(Store(kept.folder / 'store'), tmp_path / 'spool')


@pytest.fixture(autouse=True)
def _folder(kept: Store) -> None:
    (kept.folder / 'store').mkdir()


def put(collector: collect.Collector, name: str, data: bytes, folder: str = 'new') -> None:
    """Put a mail where Postfix does."""
    (collector.spool / folder / name).write_bytes(data)


def letter(day: datetime, domain: str = samples.DOMAIN) -> bytes:
    """Return a mail with a report on a day."""
    return samples.arrived(samples.letter(samples.zipped(samples.dmarc(begin=day, domain=domain))))


def kinds(collector: collect.Collector) -> list[str]:
    """Return what was kept: the kind of a report, or why it does not count."""
    lines = [
        json.loads(line)
        for path in sorted(collector.store.folder.rglob('*.jsonl'))
        for line in path.read_text().splitlines()
    ]
    return [line.get('code', line['kind']) for line in lines]


def test_everything_is_read_and_removed(collector: collect.Collector) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0)
    put(collector, '1', letter(today))
    put(collector, '2', letter(today - timedelta(days=90)))
    put(collector, '3', letter(today, domain='other.test'))
    put(collector, '4', b'garbage')
    put(collector, '5', letter(today) + b' ' * (5 << 20))
    put(collector, '6', letter(today), 'cur')
    assert collector.run()
    assert not [*(collector.spool / 'new').iterdir(), *(collector.spool / 'cur').iterdir()]
    assert sorted(kinds(collector)) == [
        'dmarc', 'report-crashed', 'report-dated', 'report-other', 'report-too-big',
    ]  # fmt: skip


def test_what_there_is_no_time_for_waits(
    collector: collect.Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, 'SECONDS', -1.0)
    put(collector, '1', b'garbage')
    assert not collector.run()
    assert [path.name for path in (collector.spool / 'new').iterdir()] == ['1']
