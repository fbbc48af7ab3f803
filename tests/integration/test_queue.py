# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages that wait are listed, tried, held, released, returned and deleted by the command."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail, misuse, queued
from .queued import ALICE, CAROL, listed, message, told

CALL = 'freedombox-email'
CONFLICT, MISSING = 4, 3


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    """An empty queue before and afterwards."""
    queued.clear()
    yield
    queued.clear()


def status(box: Host, *words: str) -> str:
    """The exit status of the command, as the shell has it."""
    return box.run('sh', '-c', f'{CALL} queue {" ".join(words)} >/dev/null 2>&1; echo $?').strip()


def returned(box: Host, subject: str) -> bool:
    """Whether the sender has a report on a message."""
    with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
        session.select('INBOX', readonly=True)
        _, found = session.search(None, 'FROM', 'MAILER-DAEMON', 'TEXT', f'"{subject}"')
        return bool(found[0])


def test_a_message_says_why_it_waits_and_until_when(box: Host) -> None:
    with queued.unreachable():
        queued.put_off(1)
        found = message(0, '--to', CAROL.domain)
        assert (found['place'], found['sender']) == ('deferred', ALICE.address)
        assert queued.REFUSED in found['recipients'][0]['reason']
        since, tried, ends = (datetime.fromisoformat(found[key])
                              for key in ('since', 'next_try', 'ends'))  # fmt: skip
        assert since < datetime.now(UTC) < tried < since + timedelta(hours=2)
        assert ends - since == timedelta(days=5)
        lines = box.run(CALL, 'queue', 'list')
        assert found['id'] in lines
        assert queued.REFUSED in lines


def test_a_header_is_shown_and_never_the_body(box: Host) -> None:
    with queued.unreachable():
        (subject,) = queued.put_off(1)
        name = message(0)['id']
        shown = box.run(CALL, 'queue', 'show', name, '--headers')
        assert subject in shown
        assert 'Hello.' not in shown
        assert subject not in box.run(CALL, 'queue', 'show', name)
    assert status(box, 'show', '4fPMmB2q9Wz3w') == str(MISSING)


def test_a_retry_delivers_when_the_other_server_is_back(outside: Host) -> None:
    with queued.unreachable():
        (subject,) = queued.put_off(1)
    assert told('retry')['retrying'] == 1
    wait_for(
        'the message to arrive',
        lambda: misuse.arrived(outside, CAROL, subject, encrypted=False) == 1, 30,
    )  # fmt: skip
    assert listed('--all')['total'] == 0


def test_a_held_message_waits_until_it_is_released(outside: Host) -> None:
    with queued.unreachable():
        (subject,) = queued.put_off(1)
        name = message(0)['id']
        assert told('hold', name) == {'held': 1}
    assert listed()['total'] == 0
    found = message(0, '--held')
    assert (found['id'], found['ends'], found['login']) == (name, None, '')
    assert told('retry')['retrying'] == 0
    assert told('release', name) == {'released': 1}
    wait_for(
        'the message to arrive',
        lambda: misuse.arrived(outside, CAROL, subject, encrypted=False) == 1, 30,
    )  # fmt: skip


def test_returned_mail_reaches_its_sender_with_the_last_answer(box: Host) -> None:
    with queued.unreachable():
        first, held = queued.put_off(2)
        told('hold', message(0)['id'])
        assert status(box, 'bounce', '--all') == str(CONFLICT), 'no number was confirmed'
        assert listed('--all')['total'] == 2
        assert told('bounce', '--all', '--count=2') == {'returned': 2}
        for subject in (first, held):
            wait_for('the sender to be told', lambda s=subject: returned(box, s), 30)
    assert listed('--all')['total'] == 0


def test_deleted_mail_is_gone_and_no_one_is_told(box: Host, outside: Host) -> None:
    with queued.unreachable():
        (subject,) = queued.put_off(1)
        assert told('delete', '--to', CAROL.domain, '--count=1') == {'deleted': 1}
        assert status(box, 'delete', '--to', CAROL.domain, '--count=1') == str(MISSING)
    assert listed('--all')['total'] == 0, 'no report is under way'
    assert not returned(box, subject)
    assert misuse.arrived(outside, CAROL, subject, encrypted=False) == 0


def test_more_than_was_confirmed_is_not_lost(box: Host) -> None:
    with queued.unreachable():
        queued.put_off(2)
        assert status(box, 'delete', '--from', ALICE.address, '--count=1') == str(CONFLICT)
        assert listed('--all')['total'] == 2


def test_messages_of_others_are_left_alone(box: Host) -> None:
    with queued.unreachable():
        queued.put_off(1)
        assert status(box, 'hold', '--to', 'elsewhere.test') == str(MISSING)
        assert status(box, 'hold', '--from', f'bob@{settings.DOMAINS[0]}') == str(MISSING)
        assert listed('--deferred')['total'] == 1


@pytest.mark.long
def test_ten_thousand_messages(box: Host) -> None:
    with queued.unreachable():
        queued.many(9_999)
        begun = time.monotonic()
        found = listed('--held', '--skip', '5000', '--most', '25')
        seconds = time.monotonic() - begun
        assert (found['total'], len(found['messages']), found['first']) == (10_000, 25, 5000)
        assert seconds < 8, 'a page of a long queue'
        assert told('release', '--held') == {'released': 10_000}
        told('hold', '--all')
        assert status(box, 'delete', '--all', '--count=9999') == str(CONFLICT)
        assert told('delete', '--all', '--count=10000')['deleted'] == 10_000
    assert listed('--all')['total'] == 0
