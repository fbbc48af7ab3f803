# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deleted mail comes back for a while, old mail goes, and no mail app sees where it is kept."""

import json
import uuid
from collections.abc import Iterator

import pytest

from lab import settings
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail
from .imap import Imap
from .test_quota import MB, empty, fill, look_again

CALL = 'freedombox-email'
MAIN = settings.DOMAINS[0]
DELETED = 'freedombox-deleted'
DAILY = """
from datetime import UTC, datetime, timedelta
from plinth.modules.email.maintenance.old_mail_deletion import delete_old
delete_old(datetime.now(UTC) + timedelta(days={days}))
"""


@pytest.fixture
def user(box: Host) -> Iterator[LabUser]:
    with directory.mailbox(box, f'gone-{uuid.uuid4().hex[:8]}@{MAIN}') as found:
        yield found


def a_day(box: Host, days: float) -> None:
    """Do the daily run as if so many days had passed."""
    box.run('python3', '-c', DAILY.format(days=days))


def append(box: Host, user: LabUser, folder: str, subject: str) -> None:
    with Imap(box.ip, user.address, user.password) as session:
        session.do(f'APPEND {folder}', f'Subject: {subject}\r\n\r\nHello.\r\n'.encode())


def count(box: Host, user: LabUser, folder: str) -> int:
    with Imap(box.ip, user.address, user.password) as session:
        said = session.do(f'STATUS {folder} (MESSAGES)')
    return int(said.partition('(MESSAGES ')[2].partition(')')[0])


def deleted(box: Host, user: LabUser) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(
        box.run(CALL, 'mailbox', 'deleted', user.address, '--json')
    )['deleted']['messages']
    return found


def test_a_deleted_message_comes_back(box: Host, user: LabUser) -> None:
    append(box, user, 'INBOX', 'one')
    append(box, user, 'INBOX', '=?utf-8?q?zw=C3=B6lf?=')
    empty(box, user)
    assert [each['subject'] for each in deleted(box, user)] == ['zwölf', 'one']
    uid = str(deleted(box, user)[0]['uid'])
    box.run(CALL, 'mailbox', 'undelete', user.address, uid)
    assert count(box, user, 'Restored') == 1
    assert [each['subject'] for each in deleted(box, user)] == ['one']
    assert 'no longer there' in box.run(CALL, 'mailbox', 'undelete', user.address, uid, check=False)


def test_only_the_last_copy_is_kept(box: Host, user: LabUser) -> None:
    append(box, user, 'INBOX', 'copied')
    with Imap(box.ip, user.address, user.password) as session:
        session.do('SELECT INBOX')
        session.do('COPY 1 Archive')
        session.do('MOVE 1 Trash')
    assert deleted(box, user) == []


def test_no_mail_app_sees_them_and_no_quota_counts_them(box: Host, user: LabUser) -> None:
    box.run(CALL, 'quota', 'mailbox', user.address, '1 MB')
    fill(box, user, MB)
    empty(box, user)
    with Imap(box.ip, user.address, user.password) as session:
        for command in ('LIST "" *', 'LIST "" %', 'LSUB "" *', 'NAMESPACE'):
            assert DELETED not in session.do(command), command
        assert '(STORAGE 0 ' in session.do('GETQUOTAROOT INBOX')
        for command in ('CREATE', 'DELETE', 'APPEND'):
            text = [b'Subject: x\r\n\r\nx\r\n'] if command == 'APPEND' else []
            said = session.say(f'{command} {DELETED}/Messages', *text)
            assert ' NO ' in said, 'it would be storage without a quota'
        assert ' NO ' in session.say(f'CREATE {DELETED}/Other')
    fill(box, user, MB)
    uid = str(deleted(box, user)[0]['uid'])
    refused = box.run(CALL, 'mailbox', 'undelete', user.address, uid, check=False)
    assert "don't fit" in refused
    look_again(box)


@pytest.mark.long
def test_old_mail_goes_for_people_who_never_log_in(box: Host, user: LabUser) -> None:
    folders = 'INBOX', 'Trash', 'Junk'
    for folder in folders:
        append(box, user, folder, folder)
    box.run(CALL, 'quota', 'old-mail', user.address, '--trash', '7', '--junk', '5')
    a_day(box, 4)
    assert [count(box, user, each) for each in folders] == [1, 1, 1]
    a_day(box, 6)
    assert [count(box, user, each) for each in folders] == [1, 1, 0]
    assert [each['subject'] for each in deleted(box, user)] == ['Junk']
    a_day(box, 29)
    assert [count(box, user, each) for each in folders] == [1, 0, 0]
    assert len(deleted(box, user)) == 2
    a_day(box, 31)
    assert deleted(box, user) == []
    orphan = f'/var/lib/freedombox-email-usage/orphan@{MAIN}'
    box.run('cp', '-a', f'/var/lib/freedombox-email-usage/{user.address}', orphan)
    a_day(box, 0)
    assert not box.succeeds('test', '-e', orphan), 'it would count for the domain'


def test_never_means_never(box: Host, user: LabUser) -> None:
    box.run(CALL, 'quota', 'old-mail', user.address, '--trash', 'never', '--junk', 'never')
    append(box, user, 'Junk', 'kept')
    a_day(box, 3000)
    assert count(box, user, 'Junk') == 1


def warnings(box: Host, user: LabUser) -> list[str]:
    """The levels a mailbox was warned of."""
    with Imap(box.ip, user.address, user.password) as session:
        session.do('SELECT INBOX')
        said = session.do('FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]')
    return [line.partition(' is ')[2].strip() for line in said.splitlines() if 'mailbox is' in line]


def told(box: Host) -> None:
    """Have root compare all mailboxes with what was told."""
    box.run('systemctl', 'start', 'freedombox-email-notices.service')


def test_each_level_is_told_once_until_it_fell(box: Host, user: LabUser) -> None:
    box.run(CALL, 'quota', 'mailbox', user.address, '1 MB')
    fill(box, user, 790_000)
    told(box)
    assert warnings(box, user) == []
    fill(box, user, 20_000)
    told(box)
    told(box)
    assert warnings(box, user) == ['80 % full']
    fill(box, user, 180_000)
    told(box)
    told(box)
    assert warnings(box, user) == ['80 % full', '95 % full'], 'also into a mailbox that is full'
    empty(box, user)
    told(box)
    fill(box, user, 850_000)
    told(box)
    assert warnings(box, user) == ['80 % full']


def test_a_message_has_the_warning_sent(box: Host, user: LabUser) -> None:
    """Without a timer: the service sees what Postfix brought."""
    box.run(CALL, 'quota', 'mailbox', user.address, '1 MB')
    fill(box, user, 900_000)
    mail.ask(box.ip, user.address)
    wait_for('the warning', lambda: warnings(box, user) == ['80 % full'], 40, 0.5)
