# SPDX-License-Identifier: AGPL-3.0-or-later
"""A full mailbox: refused for the time being at RCPT, never for others, and let in again."""

import json
import smtplib
import uuid
from collections.abc import Iterator

import pytest

from lab import settings
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail
from .imap import Imap

CALL = 'freedombox-email'
MAIN = settings.DOMAINS[0]
ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
MB = 10**6
USAGE = '/var/lib/freedombox-email-usage'
SERVICE = 'freedombox-email-quota.service'


def look_again(box: Host) -> None:
    """Have the service look into the directory at once."""
    box.run('systemctl', 'stop', SERVICE)


def a_message(size: int) -> bytes:
    """A message of so many bytes, with the line ends of the wire."""
    head = f'Subject: {uuid.uuid4()}\r\n\r\n'.encode()
    return head + b'x' * (size - len(head) - 2) + b'\r\n'


def fill(box: Host, user: LabUser, size: int) -> None:
    """Put a message into an inbox; the service then looks again."""
    with Imap(box.ip, user.address, user.password) as session:
        session.do('APPEND INBOX', a_message(size))
    look_again(box)


def empty(box: Host, user: LabUser) -> None:
    """Delete all messages of an inbox, as a mail app does."""
    with Imap(box.ip, user.address, user.password) as session:
        session.do('SELECT INBOX')
        session.do('STORE 1:* +FLAGS.SILENT (\\Deleted)')
        session.do('EXPUNGE')


@pytest.fixture
def full(box: Host) -> Iterator[LabUser]:
    """A mailbox with a quota of 1 MB that is full to the byte."""
    with directory.mailbox(box, f'full-{uuid.uuid4().hex[:8]}@{MAIN}') as user:
        box.run(CALL, 'quota', 'mailbox', user.address, '1 MB')
        fill(box, user, MB)
        yield user


def refusal(box: Host, recipient: str, size: int = 0) -> str:
    """The answer of port 25 to a recipient, with an announced size."""
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        session.ehlo()
        session.mail(CAROL.address, [f'SIZE={size}'] if size else [])
        code, text = session.rcpt(recipient)
    return f'{code} {text.decode()}'


def test_a_full_mailbox_is_refused_for_now_and_let_in_again(box: Host, full: LabUser) -> None:
    local, _at, domain = full.address.partition('@')
    for spelling in (full.address, f'{local}+shop@{domain}', full.address.upper()):
        assert refusal(box, spelling).startswith('452 4.2.2 '), spelling
    empty(box, full)
    assert refusal(box, full.address).startswith('250 '), 'it was emptied, and Dovecot knows'


def test_a_size_that_does_not_fit_is_refused_to_the_byte(box: Host) -> None:
    with directory.mailbox(box, f'half-{uuid.uuid4().hex[:8]}@{MAIN}') as user:
        box.run(CALL, 'quota', 'mailbox', user.address, '1 MiB')
        fill(box, user, MB)
        left = 2**20 - MB
        assert refusal(box, user.address, left).startswith('250 ')
        assert refusal(box, user.address, left + 1).startswith('452 4.2.2 ')
        box.run(CALL, 'quota', 'mailbox', user.address, '1 MB')
        look_again(box)
        assert refusal(box, user.address, left).startswith('452 4.2.2 '), 'MB is not MiB'


def test_only_mail_that_no_one_would_get_is_refused(box: Host, full: LabUser) -> None:
    mark = uuid.uuid4().hex[:8]
    with (
        directory.alias(box, f'one-{mark}@{MAIN}', full.address) as one,
        directory.alias(box, f'both-{mark}@{MAIN}', full.address, ALICE.address) as both,
        directory.alias(box, f'away-{mark}@{MAIN}', CAROL.address) as away,
        directory.alias(box, f'mixed-{mark}@{MAIN}', full.address, CAROL.address) as mixed,
    ):
        assert mail.ask(box.ip, one, both, away, mixed, ALICE.address) == [452, 250, 250, 250, 250]


def test_users_are_told_by_their_mail_app(box: Host, full: LabUser) -> None:
    sent = mail.message(ALICE.address, full.address)
    code, text = mail.answer(lambda: mail.submit(box.ip, ALICE, sent))
    assert (code, text[:6]) == (452, '4.2.2 ')


def test_the_quota_of_a_domain_holds_for_mailboxes_without_their_own(box: Host) -> None:
    with directory.domain(box, f'q{uuid.uuid4().hex[:8]}.test') as domain:
        box.run(CALL, 'quota', 'domain', domain, '--each', '1 MB', '--total', '3 MB')
        with (
            directory.mailbox(box, f'small@{domain}') as small,
            directory.mailbox(box, f'large@{domain}') as large,
        ):
            box.run(CALL, 'quota', 'mailbox', large.address, 'unlimited')
            fill(box, small, MB)
            assert mail.ask(box.ip, small.address, large.address) == [452, 250]
            fill(box, large, 2 * MB)
            assert mail.ask(box.ip, large.address) == [452], 'the domain is full'
            box.run(CALL, 'quota', 'domain', domain, '--total', 'default')
            look_again(box)
            assert mail.ask(box.ip, large.address) == [250]


def shown(box: Host, address: str) -> int | None:
    """The bytes a mailbox holds, as the command shows them."""
    found = json.loads(box.run(CALL, 'quota', 'show', '--json'))['mailboxes'][address]['bytes']
    return None if found is None else int(found)


def noted(box: Host, address: str) -> str:
    """The note on what a mailbox holds, '' where there is none."""
    return box.run('find', USAGE, '-name', address, '-exec', 'cat', '{}', '+')


def test_storage_is_noted_at_once_where_there_is_a_quota_and_else_when_asked(box: Host) -> None:
    """A note after each delivery is a third of its cost, so it is written where it is of use."""
    with (
        directory.domain(box, f'n{uuid.uuid4().hex[:8]}.test') as domain,
        directory.mailbox(box, f'some@{domain}') as user,
    ):
        fill(box, user, 1000)
        assert not noted(box, user.address)
        assert shown(box, user.address) == 1000
        ways = (
            ('mailbox', user.address),
            ('domain', domain, '--each'),
            ('domain', domain, '--total'),
        )
        for number, words in enumerate(ways, 2):
            box.run(CALL, 'quota', *words, '1 MB')
            fill(box, user, 1000)
            assert f'\n{1000 * number}\n' in noted(box, user.address), words
            box.run(CALL, 'quota', *words, 'default')
        fill(box, user, 1000)
        assert '\n4000\n' in noted(box, user.address)
        assert shown(box, user.address) == 5000, 'the note was an older one'


def test_imap_shows_the_quota(box: Host, full: LabUser) -> None:
    with Imap(box.ip, full.address, full.password) as session:
        assert 'QUOTA' in session.capabilities()
        said = session.do('GETQUOTAROOT INBOX')
        assert f'(STORAGE {-(-MB // 1024)} {-(-MB // 1024)})' in said
        assert 'OVERQUOTA' in session.say('APPEND INBOX', a_message(1000))


def test_mail_that_overtakes_the_question_waits_in_the_queue(box: Host, full: LabUser) -> None:
    """Two messages at once can both be taken: the later one must not be returned."""
    mark = uuid.uuid4().hex
    text = f'From: {ALICE.address}\nTo: {full.address}\nSubject: {mark}\n\nHello.\n'
    box.run('sendmail', '-f', ALICE.address, full.address, stdin=text)

    def waits() -> bool:
        return full.address in box.run('postqueue', '-p') and '4.2.2' in box.run('postqueue', '-p')

    wait_for('the message to be deferred', waits, 30, 0.3)
    empty(box, full)
    box.run('postqueue', '-f')

    def arrived() -> bool:
        with mail.mailbox(box.ip, full.address, full.password) as session:
            session.select('INBOX', readonly=True)
            return bool(session.search(None, 'SUBJECT', mark)[1][0])

    wait_for('the message to arrive', arrived, 30, 0.3)


@pytest.mark.journal_may_say(r'postfix.*(quota|problem talking to server)')
def test_without_the_service_mail_is_taken(box: Host, full: LabUser) -> None:
    box.run('systemctl', 'stop', 'freedombox-email-quota.socket')
    try:
        assert mail.ask(box.ip, full.address) == [250]
    finally:
        box.run('systemctl', 'start', 'freedombox-email-quota.socket')
    assert mail.ask(box.ip, full.address) == [452]
