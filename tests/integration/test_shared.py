# SPDX-License-Identifier: AGPL-3.0-or-later
"""A shared mailbox: members see it, with the rights they have, and use it with their own login."""

import imaplib
import json
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from lab import settings
from lab.host import LabError, wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail
from .imap import Imap

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
ADDRESS = f'treasurer@{settings.DOMAINS[0]}'
SHARED = f'Shared/{ADDRESS}'


@pytest.fixture(scope='module')
def treasurer(box: Host) -> Iterator[LabUser]:
    """Have a mailbox of its own that can be shared."""
    with directory.mailbox(box, ADDRESS) as mailbox:
        yield mailbox


@pytest.fixture(autouse=True)
def _shared(box: Host, treasurer: LabUser) -> Iterator[None]:
    """Have it shared with two users: one may do everything, one only read."""
    share(box, ALICE, 'read,write,send')
    share(box, BOB, 'read')
    assert treasurer.address == ADDRESS
    yield
    for user in (ALICE, BOB):
        box.run('freedombox-email', 'members', 'remove', ADDRESS, user.username, check=False)


def share(box: Host, user: LabUser, rights: str) -> None:
    """Have a user be a member."""
    box.run('freedombox-email', 'members', 'set', ADDRESS, user.username, rights)


def listed(session: imaplib.IMAP4, subscribed: bool = False) -> set[str]:
    """The folders below Shared that a mail app sees."""
    _, lines = session.lsub() if subscribed else session.list()
    names = (line.decode().rpartition('"/" ')[2].strip('"') for line in lines if line)
    return {name for name in names if name.startswith('Shared/')}


def test_members_read_what_arrives_and_see_all_folders(box: Host) -> None:
    sent = mail.message(ALICE.address, ADDRESS)
    mail.submit(box.ip, ALICE, sent)
    for user in (ALICE, BOB):
        mail.wait_for(box.ip, user, sent, SHARED)
        with mail.mailbox(box.ip, user.username, user.password) as session:
            folders = listed(session)
            assert {SHARED, f'{SHARED}/Sent', f'{SHARED}/Drafts'} <= folders, (
                f'{user.username} sees {folders} of a shared mailbox'
            )
            assert listed(session, subscribed=True) == folders, (
                'a mail app that shows subscribed folders alone hides some of a shared mailbox'
            )


def test_a_member_who_writes_files_marks_and_deletes(box: Host) -> None:
    with Imap(box.ip, ALICE.username, ALICE.password) as session:
        session.do(f'CREATE "{SHARED}/Bills"')
        session.do(f'SELECT "{SHARED}"')
        session.do('STORE 1 +FLAGS (\\Flagged)')
        session.do(f'COPY 1 "{SHARED}/Bills"')
        session.do(f'SELECT "{SHARED}/Bills"')
        session.do('STORE 1 +FLAGS (\\Deleted)')
        session.do('EXPUNGE')


def test_a_member_sends_as_the_mailbox_only_with_that_right(box: Host) -> None:
    sent = mail.message(ADDRESS, BOB.address)
    mail.submit(box.ip, ALICE, sent)
    mail.wait_for(box.ip, BOB, sent)
    with pytest.raises(smtplib.SMTPException):
        mail.submit(box.ip, BOB, mail.message(ADDRESS, ALICE.address))


def _copies(box: Host, sent: mail.EmailMessage) -> int:
    """How often a message is in the joint folder of sent mail."""
    with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
        return len(mail.numbers(session, sent, f'{SHARED}/Sent'))


def test_what_a_member_sends_is_in_the_joint_folder_once(box: Host) -> None:
    plain, saved = (mail.message(ADDRESS, BOB.address) for _ in range(2))
    mail.submit(box.ip, ALICE, plain)
    mail.submit(box.ip, ALICE, saved)
    with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
        session.append(f'{SHARED}/Sent', '\\Seen', '', mail.as_sent(saved.as_bytes()))
    mail.wait_for(box.ip, ALICE, plain, f'{SHARED}/Sent')
    wait_for('the queue to be empty', lambda: 'sent.invalid' not in box.run('postqueue', '-p'), 30)
    assert (_copies(box, plain), _copies(box, saved)) == (1, 1)
    with Imap(box.ip, ALICE.username, ALICE.password) as session:
        session.do(f'SELECT "{SHARED}/Sent"')
        assert session.do('SEARCH UNSEEN').startswith('* SEARCH\r'), 'a copy counts as unread'


def test_the_page_for_identities_and_who_may_send_agree_with_postfix(box: Host) -> None:
    found = box.run('freedombox-email', 'resolve', ADDRESS)
    assert ALICE.address in found
    assert BOB.address not in found


def test_who_leaves_loses_it_in_an_open_session_too(box: Host) -> None:
    with Imap(box.ip, ALICE.username, ALICE.password) as session:
        session.do(f'SELECT "{SHARED}"')
        box.run('freedombox-email', 'members', 'remove', ADDRESS, ALICE.username)
        with pytest.raises((EOFError, OSError, AssertionError)):
            session.do('NOOP')
    with mail.mailbox(box.ip, ALICE.username, ALICE.password) as after:
        assert not listed(after)
        assert not listed(after, subscribed=True), 'a folder that is gone is still subscribed'
        assert after.select(SHARED)[0] == 'NO'
    with pytest.raises(smtplib.SMTPException):
        mail.submit(box.ip, ALICE, mail.message(ADDRESS, BOB.address))


def test_a_frozen_mailbox_is_closed_to_its_members(box: Host) -> None:
    box.run('freedombox-email', 'mailbox', 'freeze', ADDRESS, 'Audit until Monday.')
    try:
        with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
            assert session.select(SHARED)[0] == 'NO'
        with pytest.raises(smtplib.SMTPException):
            mail.submit(box.ip, ALICE, mail.message(ADDRESS, BOB.address))
    finally:
        box.run('freedombox-email', 'mailbox', 'unfreeze', ADDRESS)
    with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
        assert session.select(SHARED)[0] == 'OK'


def test_a_hand_over_moves_membership_at_its_moment(box: Host) -> None:
    box.run('freedombox-email', 'members', 'remove', ADDRESS, BOB.username)
    at = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    with Imap(box.ip, ALICE.username, ALICE.password) as session:
        session.do(f'SELECT "{SHARED}"')
        box.run('freedombox-email', 'members', 'hand-over', ADDRESS, '--on', at,
                '--out', ALICE.username, '--in', BOB.username)  # fmt: skip
        session.do('NOOP')
        wait_for('the hand-over', lambda: _members(box) == {BOB.username: 'read,write,send'}, 20, 1)
        with pytest.raises((EOFError, OSError)):
            until_ended(session)
    with mail.mailbox(box.ip, ALICE.username, ALICE.password) as before:
        assert not listed(before)
    with mail.mailbox(box.ip, BOB.username, BOB.password) as after:
        assert after.select(SHARED)[0] == 'OK'


def until_ended(session: Imap) -> None:
    """Ask until the server ends a session; a moment passes after rights have changed."""
    wait_for('the end of a session', lambda: not session.do('NOOP'), 10, 0.2)


def _members(box: Host) -> dict[str, str]:
    found = json.loads(box.run('freedombox-email', 'members', 'list', ADDRESS, '--json'))
    return {each['member']: each['rights'] for each in found['members']}


def test_a_hand_over_happens_whole_or_not_at_all(box: Host) -> None:
    before = _members(box)
    for words in (
        ['--out', ALICE.username, '--in', 'nobody-known'],
        ['--out', settings.ADMIN.username, '--in', BOB.username],
        ['--out', ALICE.username, '--on', '2020-01-01'],
    ):
        with pytest.raises(LabError):
            box.run('freedombox-email', 'members', 'hand-over', ADDRESS, *words)
        assert _members(box) == before
    box.run('freedombox-email', 'members', 'hand-over', ADDRESS, '--on', '2040-01-01', '--out',
            ALICE.username)  # fmt: skip
    box.run('freedombox-email', 'members', 'cancel-hand-over', ADDRESS)
    assert _members(box) == before


def test_its_mail_does_not_count_as_the_members(box: Host) -> None:
    def messages() -> int:
        shown = box.run('freedombox-email', 'mailbox', 'show', BOB.address, '--json')
        return int(json.loads(shown)['content']['messages'])

    before, sent = messages(), mail.message(ALICE.address, ADDRESS)
    mail.submit(box.ip, ALICE, sent)
    mail.wait_for(box.ip, BOB, sent, SHARED)
    assert messages() == before, 'mail of a shared mailbox counts as that of a member'
