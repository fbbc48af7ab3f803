# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports are sent once for each period, also when sending is cut short anywhere."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from unittest.mock import Mock

import pytest

from ...activity.mailbox_use import MailboxUse, use_of
from ...activity.period import Period, last_before
from ...activity.story import MessageStory
from ...directory.mailbox import Mailbox
from ...errors import MailError
from ...sending import system_mail
from ...system import files
from ..package_updates import PackageUpdate, updates
from ..report_sending import DueReport, SentReports, send_due
from ..report_texts import StoredMail, usage, weekly

WEEK = Period('weekly', date(2026, 11, 23), date(2026, 11, 29))
ALICE = Mailbox('alice@example.test', owner='alice', login='alice')


class Post:
    """Postfix, that may be cut off from the program before or after it takes a message."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.breaks = ''

    def send(self, message: EmailMessage, sender: str = '') -> None:
        del sender
        if self.breaks == 'before':
            raise KeyboardInterrupt
        self.taken.append(str(message['Message-ID']))
        if self.breaks == 'after':
            raise KeyboardInterrupt

    def has(self, message_id: str) -> bool:
        return message_id in self.taken


@pytest.fixture(name='post')
def _post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setattr(system_mail, 'send', post.send)

    def write(path: str, file: Mock) -> None:
        Path(path).write_bytes(file.content)

    monkeypatch.setattr(files, 'write', write)
    return post


def due(period: Period = WEEK) -> Iterator[DueReport]:
    yield DueReport('weekly', ALICE.address, ALICE.address, period, lambda: ('Subject', 'Text'))


@pytest.mark.parametrize('breaks', ['', 'before', 'after'])
def test_a_report_is_sent_once(post: Post, tmp_path: Path, breaks: str) -> None:
    path = tmp_path / 'sent.json'
    post.breaks = breaks
    if breaks:
        with pytest.raises(KeyboardInterrupt):
            send_due(due(), SentReports(path), post.has)
    post.breaks = ''
    for _time in range(3):
        send_due(due(), SentReports(path), post.has)
    assert len(post.taken) == 1
    later = last_before('weekly', WEEK.last + timedelta(days=8))
    send_due(due(later), SentReports(path), post.has)
    assert len(set(post.taken)) == 2, 'the next week has a report of its own'


def test_nothing_is_sent_while_it_is_unknown_whether_it_was(post: Post, tmp_path: Path) -> None:
    post.breaks = 'after'
    with pytest.raises(KeyboardInterrupt):
        send_due(due(), SentReports(tmp_path / 'sent.json'), post.has)
    down = Mock(side_effect=MailError('trace-down'))
    send_due(due(), SentReports(tmp_path / 'sent.json'), down)
    assert len(post.taken) == 1


@pytest.mark.parametrize(
    ('kind', 'today', 'name', 'days'),
    [
        ('monthly', date(2026, 12, 1), '2026-11', 30),
        ('monthly', date(2028, 3, 31), '2028-02', 29),
        ('weekly', date(2026, 11, 30), '2026-W48', 7),
        ('weekly', date(2026, 11, 29), '2026-W47', 7),
        ('weekly', date(2027, 1, 4), '2026-W53', 7),
    ],
)
def test_periods_are_whole_and_over(kind: str, today: date, name: str, days: int) -> None:
    found = last_before(kind, today)
    assert (found.name, found.days) == (name, days)
    assert found.last < today


def story(number: int, hour: int, **values: object) -> MessageStory:
    at = datetime(2026, 11, 24, hour, tzinfo=UTC).timestamp()
    found = MessageStory(number, at, at)
    for name, value in values.items():
        setattr(found, name, value)
    return found


def used() -> MailboxUse:
    received = story(1, 8, way='server', action='add header', size=1)
    received.end(ALICE.address, 'delivered', 1.0, target='INBOX')
    refused = story(2, 9, way='server', action='reject')
    refused.end(ALICE.address, 'refused', 1.0)
    sent = story(3, 21, way='login', login='alice', size=1, sender=ALICE.address)
    other = story(4, 22, way='login', login='bob', size=1, sender=ALICE.address)
    return use_of([received, refused, sent, other], ALICE, WEEK.first, WEEK.days, UTC)


def test_mail_of_a_mailbox_is_counted_by_day_and_hour() -> None:
    found = used()
    assert (found.received, found.sent) == (1, 1), 'others under its name count for themselves'
    assert (found.junk, found.refused) == (1, 1)
    assert found.days[1].hours == (21,)
    assert MailboxUse.from_json(found.to_json()) == found, 'the person sees just this'


def test_reports_say_what_was_counted() -> None:
    subject, text = usage(used(), WEEK, '')
    assert '2026-11-24: 1 received, 1 sent (at 21:00)' in text
    assert ALICE.address in subject
    _subject, text = weekly(used(), StoredMail(5_000_000, '1 GB', -2_000), (), WEEK, '')
    assert 'Storage used: 5.0 MB of 1 GB' in text
    assert 'Change since 2026-11-23: -2.0 kB' in text


def test_updates_are_read_from_the_log(tmp_path: Path) -> None:
    log = tmp_path / 'dpkg.log'
    log.write_text(
        '2026-10-31 06:00:00 upgrade postfix:amd64 3.10.1-1 3.10.2-1\n'
        '2026-11-03 06:00:00 upgrade postfix:amd64 3.10.2-1 3.10.3-1\n'
        '2026-11-09 06:00:00 upgrade postfix:amd64 3.10.3-1 3.10.4-1\n'
        '2026-11-09 06:00:00 upgrade vim:amd64 1-1 2-1\n'
        '2026-11-09 06:00:00 status installed postfix:amd64 3.10.4-1\nrubbish\n',
        encoding='utf-8',
    )
    found = updates(date(2026, 11, 1), date(2026, 11, 30), [log, tmp_path / 'none'])
    assert found == (PackageUpdate('postfix', '3.10.2-1', '3.10.4-1'),)
