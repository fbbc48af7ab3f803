# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports on disk, and the reader that brings them there."""

import contextlib
import errno
import io
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.reports import archive, collect, dmarc, tlsrpt
from plinth.modules.email.reports.archive import ReportStore, StoredReport
from plinth.modules.email.reports.head import organisation

from . import samples

NOW = samples.DAY + timedelta(days=1, hours=8)
FIRST, LAST = date(2026, 10, 1), date(2026, 11, 30)


@pytest.fixture(name='kept')
def fixture_kept(tmp_path: Path) -> ReportStore:
    """A store with nothing in it."""
    return ReportStore(tmp_path)


def entry(report_id: str = 'r1', day: datetime = samples.DAY) -> StoredReport[dmarc.DmarcReport]:
    """A report to keep."""
    return StoredReport('outside.test', dmarc.parse(samples.dmarc(begin=day, report_id=report_id)))


def test_what_was_kept_is_there(kept: ReportStore) -> None:
    sessions = StoredReport('outside.test', *tlsrpt.parse(samples.tls()))
    kept.add(entry())
    kept.add(sessions)
    found = kept.read(samples.DOMAIN, FIRST, LAST)
    assert found.dmarc == (entry(),)
    assert found.tls == (sessions,)


def test_only_the_days_asked_for(kept: ReportStore) -> None:
    for number in range(70):
        kept.add(entry(f'{number}', samples.DAY - timedelta(days=number)))
    found = kept.read(samples.DOMAIN, date(2026, 10, 25), date(2026, 11, 3))
    assert len(found.dmarc) == 10


def test_twice_is_once(kept: ReportStore) -> None:
    kept.add(entry())
    with pytest.raises(MailError) as caught:
        kept.add(entry())
    assert caught.value.code == 'report-twice'
    kept.add(StoredReport('elsewhere.test', entry().report))
    assert len(kept.read(samples.DOMAIN, FIRST, LAST).dmarc) == 2


def test_a_month_has_room_for_so_much(kept: ReportStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, 'MOST_BYTES', 3000)
    for number in range(4):
        kept.add(entry(f'{number}', samples.DAY + timedelta(days=number)))
    many = dmarc.parse(samples.dmarc((f'192.0.2.{n}', 1, True, True, True) for n in range(90)))
    with pytest.raises(MailError) as caught:
        kept.add(StoredReport('outside.test', many))
    assert caught.value.code == 'report-full'
    assert sum(path.stat().st_size for path in kept.folder.rglob('*.jsonl')) <= 3000


def test_one_sender_leaves_room_for_others(
    kept: ReportStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, 'MOST_BYTES', 64_000)
    monkeypatch.setattr(archive, 'MOST_OF_SENDER', 8_000)
    rows = [(f'192.0.2.{n}', 1, False, False, False) for n in range(200)]
    text = samples.dmarc([*rows, ('203.0.113.10', 1, True, True, True)])
    for number in range(40):
        report = dmarc.parse(text.replace(b'>r1<', f'>r{number}<'.encode()))
        with contextlib.suppress(MailError):
            kept.add(StoredReport(f'n{number}.evil.test', report))
    evil = kept.read(samples.DOMAIN, FIRST, LAST).dmarc
    assert sum(path.stat().st_size for path in kept.folder.rglob('*.jsonl')) <= 8_000
    assert all(len(each.report.rows) == archive.MOST_CONDENSED + 1 for each in evil), 'added up'
    assert {each.report.failing for each in evil} == {200}, 'nothing of the sums is lost'
    with pytest.raises(MailError) as caught:
        kept.add(StoredReport('again.evil.test', dmarc.parse(text.replace(b'>r1<', b'>again<'))))
    assert caught.value.code == 'report-greedy'
    kept.add(entry())
    assert entry() in kept.read(samples.DOMAIN, FIRST, LAST).dmarc


@pytest.mark.parametrize(
    ('name', 'wanted'),
    [('a.b.example.test', 'example.test'), ('a.example.co.uk', 'example.co.uk'),
     ('google.com', 'google.com'), ('mx.abc.de', 'mx.abc.de'), ('test', 'test')],
)  # fmt: skip
def test_who_shares_room(name: str, wanted: str) -> None:
    assert organisation(name) == wanted


def test_what_does_not_count_takes_no_room_from_what_does(
    kept: ReportStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, 'MOST_ASIDE', 500)
    for _number in range(100):
        kept.put_aside(samples.DOMAIN, 'report-bomb', NOW)
    kept.add(entry())
    found = kept.read(samples.DOMAIN, FIRST, LAST)
    assert len(found.dmarc) == 1
    assert 5 < found.aside['report-bomb'] < 20


def test_a_line_cut_short_spoils_no_other(kept: ReportStore) -> None:
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
def test_what_a_reader_gone_mad_wrote_is_passed_over(kept: ReportStore, line: str) -> None:
    kept.add(entry())
    for path in [*kept.folder.rglob('*.jsonl')]:
        path.write_text(line + '\n' + path.read_text())
        (path.parent / f'{path.stem}-aside.jsonl').write_text(line + '\n')
    found = kept.read(samples.DOMAIN, FIRST, LAST)
    assert (len(found.dmarc), len(found.tls), found.aside) == (1, 0, {})


def test_no_link_is_followed(kept: ReportStore, tmp_path: Path) -> None:
    target = tmp_path / 'target'
    target.touch()
    (kept.folder / samples.DOMAIN).mkdir()
    (kept.folder / samples.DOMAIN / '2026-11.jsonl').symlink_to(target)
    with pytest.raises(OSError, match='Too many levels'):
        kept.add(entry())
    assert target.read_bytes() == b''


def test_a_pipe_holds_no_one_up(kept: ReportStore) -> None:
    (kept.folder / samples.DOMAIN).mkdir()
    os.mkfifo(kept.folder / samples.DOMAIN / '2026-11.jsonl')
    assert not kept.read(samples.DOMAIN, FIRST, LAST).dmarc


def test_a_file_without_end_takes_no_memory(kept: ReportStore) -> None:
    kept.add(entry())
    path = kept.folder / samples.DOMAIN / '2026-11.jsonl'
    os.truncate(path, 2**40)
    assert len(kept.read(samples.DOMAIN, FIRST, LAST).dmarc) == 1


def test_old_months_are_forgotten(kept: ReportStore) -> None:
    kept.add(entry('old', samples.DAY - timedelta(days=450)))
    kept.add(entry('new'))
    kept.prune(NOW.date())
    assert [path.name for path in kept.folder.rglob('*.jsonl')] == ['2026-11.jsonl']


@pytest.fixture(name='collector')
def fixture_collector(kept: ReportStore, tmp_path: Path) -> collect.Collector:
    """A reader with an empty folder of mail."""
    for name in ('new', 'cur', 'tmp'):
        (tmp_path / 'spool' / name).mkdir(parents=True)
    return collect.Collector(ReportStore(kept.folder / 'store'), tmp_path / 'spool')


@pytest.fixture(autouse=True)
def _folder(kept: ReportStore) -> None:
    (kept.folder / 'store').mkdir()


def put(collector: collect.Collector, name: str, data: bytes, folder: str = 'new') -> None:
    """Put a mail where Postfix does."""
    (collector.spool / folder / name).write_bytes(data)


def letter(day: datetime, domain: str = samples.DOMAIN) -> bytes:
    """A mail with a report on a day."""
    return samples.arrived(samples.letter(samples.zipped(samples.dmarc(begin=day, domain=domain))))


def kinds(collector: collect.Collector) -> list[str]:
    """The kind of a kept report, or the reason why it does not count."""
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


class _Full:
    """A disk that takes only so many bytes more."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, file: io.FileIO, line: bytes) -> None:
        file.write(line[: self.room])
        raise OSError(errno.ENOSPC, 'No space left on device')


@pytest.mark.parametrize('room', [0, 100])
def test_on_a_full_disk_reports_wait_and_nothing_is_torn(
    collector: collect.Collector, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0)
    put(collector, '1', letter(today))
    put(collector, '2', letter(today, domain='other.test'))
    with monkeypatch.context() as full:
        full.setattr(archive, '_write_all', _Full(room).write)
        with pytest.raises(OSError, match='No space'):
            collector.run()
    assert sorted(path.name for path in (collector.spool / 'new').iterdir()) == ['1', '2']
    assert not [*(collector.spool / 'cur').iterdir()]
    assert [path.stat().st_size for path in collector.store.folder.rglob('*.jsonl')] == [0]
    assert collector.run()
    assert sorted(kinds(collector)) == ['dmarc', 'report-other']


def test_two_reports_in_one_mail_both_count(collector: collect.Collector) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0)
    mail = samples.letter(samples.zipped(samples.dmarc(begin=today)))
    more = samples.zipped(samples.dmarc(begin=today, report_id='r2'))
    mail.add_attachment(more, 'application', 'zip')
    mail.add_attachment(b'PK\x03\x04garbage', 'application', 'zip')
    put(collector, '1', samples.arrived(mail))
    assert collector.run()
    assert sorted(kinds(collector)) == ['dmarc', 'dmarc', 'report-garbage']


@pytest.mark.parametrize('text', ['{sender} sends you a report', '<html><p>A report', '{"a": 1}'])
def test_a_text_that_begins_like_a_report_is_no_matter(
    collector: collect.Collector, text: str
) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0)
    mail = samples.letter(samples.zipped(samples.dmarc(begin=today)))
    mail.get_payload(0).set_content(text)  # type: ignore[union-attr]
    put(collector, '1', samples.arrived(mail))
    plain = samples.letter(samples.tls(begin=today))
    plain.get_payload(0).set_content(text)  # type: ignore[union-attr]
    put(collector, '2', samples.arrived(plain))
    assert collector.run()
    assert sorted(kinds(collector)) == ['dmarc', 'tls']


def test_lines_that_were_not_understood_are_counted(collector: collect.Collector) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0)
    rows = [('192.0.2.1', 5, True, True, True), ('192.0.2.2', 7, True, True, True)]
    text = samples.dmarc(rows, today).replace(b'>7<', b'>seven<')
    put(collector, '1', samples.arrived(samples.letter(samples.zipped(text))))
    assert collector.run()
    assert sorted(kinds(collector)) == ['dmarc', 'report-rows']


def test_policies_on_other_domains_do_not_count(collector: collect.Collector) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0)
    text = json.loads(samples.tls(begin=today))
    (policy,) = text['policies']
    other = json.loads(json.dumps(policy).replace(samples.DOMAIN, 'bank.test'))
    mail = samples.letter(json.dumps(text | {'policies': [other, policy]}).encode())
    put(collector, '1', samples.arrived(mail))
    assert collector.run()
    assert sorted(kinds(collector)) == ['report-other', 'tls']


def test_what_there_is_no_time_for_waits(
    collector: collect.Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, 'SECONDS', -1.0)
    put(collector, '1', b'garbage')
    assert not collector.run()
    assert [path.name for path in (collector.spool / 'new').iterdir()] == ['1']
