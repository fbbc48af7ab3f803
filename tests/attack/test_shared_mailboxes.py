# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rights in a shared mailbox are those the directory says, and no one else learns of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import directory, mail
from tests.integration.imap import Imap
from tests.integration.managesieve import ManageSieve

ALICE, BOB = settings.USERS
ADDRESS = f'ledger@{settings.DOMAINS[0]}'
SHARED = f'Shared/{ADDRESS}'
SCRIPT = 'shared-attack'
OUT_OF_SIGHT = (
    SHARED, f'{SHARED}/INBOX', f'{SHARED}/Sent', SHARED.upper(), 'Shared/nobody-here@example.test',
    f'Shared/{ALICE.address}', f'Shared/{ALICE.address}/INBOX',
)  # fmt: skip


@pytest.fixture(scope='module', autouse=True)
def _shared(box: Host) -> Iterator[None]:
    """Have a mailbox with a message that alice may read, and bob may not."""
    with directory.mailbox(box, ADDRESS):
        box.run('freedombox-email', 'members', 'set', ADDRESS, ALICE.username, 'read')
        sent = mail.message(BOB.address, ADDRESS)
        mail.submit(box.ip, BOB, sent)
        mail.wait_for(box.ip, ALICE, sent, SHARED)
        yield


def refused(session: Imap, command: str) -> str:
    """The answer to a command that has to be refused."""
    with pytest.raises(AssertionError) as error:
        session.do(command)
    return str(error.value)


def _flags(session: Imap) -> set[str]:
    """The flags of the one message, but for that it has just arrived."""
    found = re.search(r'FLAGS \((.*?)\)', session.do('FETCH 1 (FLAGS)'))
    assert found
    return set(found[1].split()) - {'\\Recent'}


@pytest.mark.parametrize('command', [
    'STORE 1 +FLAGS.SILENT (\\Deleted)', 'STORE 1 +FLAGS.SILENT (\\Seen)',
    f'COPY 1 "{SHARED}/Sent"', f'CREATE "{SHARED}/Mine"', f'DELETE "{SHARED}/Drafts"',
    f'RENAME "{SHARED}/Drafts" "Drafts of mine"', f'SETACL "{SHARED}" anyone lrw',
])  # fmt: skip
def test_a_member_who_may_read_cannot_change_anything(box: Host, command: str) -> None:
    with Imap(box.ip, ALICE.username, ALICE.password) as session:
        session.do(f'SELECT "{SHARED}"')
        before = _flags(session)
        try:
            session.do(command)
        except AssertionError:
            return
        assert _flags(session) == before, f'{command} changed a flag'


def test_users_cannot_give_rights_themselves(box: Host) -> None:
    with Imap(box.ip, BOB.username, BOB.password) as session:
        for command in (
            f'SETACL INBOX {ALICE.address} lrws', 'SETACL INBOX anyone lrws', 'GETACL INBOX',
            'SETMETADATA INBOX (/shared/vendor/vendor.dovecot/acl "x")',
        ):  # fmt: skip
            refused(session, command)


@pytest.mark.journal_may_say('user-not-found/nobody-here@')  # Dovecot tries to make its inbox
def test_to_others_it_is_like_one_that_does_not_exist(box: Host) -> None:
    with Imap(box.ip, BOB.username, BOB.password) as session:
        for pattern in ('*', f'{SHARED}*', 'Shared/%', 'Shared/*/INBOX'):
            assert 'ledger' not in session.do(f'LIST "" "{pattern}"').partition('* ')[2]
        for name in OUT_OF_SIGHT:
            for verb in ('SELECT', 'EXAMINE', 'STATUS'):
                end = ' (MESSAGES)' if verb == 'STATUS' else ''
                there = refused(session, f'{verb} "{name}"{end}')
                assert 'NONEXISTENT' in there, f'{verb} {name} says more than that it is not there'


def test_users_cannot_change_what_others_have_subscribed(box: Host) -> None:
    targets = [(ALICE, 'Sent', f'Shared/{ALICE.address}/Sent'), (ALICE, SHARED, SHARED)]
    for owner, name, seen in targets:
        with Imap(box.ip, owner.username, owner.password) as session:
            session.do(f'SUBSCRIBE "{name}"')
        with Imap(box.ip, BOB.username, BOB.password) as attacker:
            attacker.say(f'UNSUBSCRIBE "{seen}"')
            attacker.say(f'SUBSCRIBE "{seen}"')
        with Imap(box.ip, owner.username, owner.password) as session:
            assert name in session.do('LSUB "" "*"'), f'bob unsubscribed {name} of alice'


@contextmanager
def _script(box: Host, text: str) -> Iterator[None]:
    with ManageSieve(box.ip) as session:
        session.starttls()
        session.login(BOB.username, BOB.password)
        session.put(SCRIPT, text)
        session.activate(SCRIPT)
    home = f'/var/vmail/{BOB.domain}/{BOB.username}'
    try:
        yield
    finally:
        box.run('rm', '-f', f'{home}/.dovecot.sieve', f'{home}/sieve/{SCRIPT}.sieve',
                f'{home}/.dovecot.svbin', f'{home}/sieve/{SCRIPT}.svbin')  # fmt: skip


@pytest.mark.parametrize('folder', [SHARED, f'{SHARED}/Sent', f'Shared/{ALICE.address}'])
def test_a_script_cannot_file_mail_into_mailboxes_of_others(box: Host, folder: str) -> None:
    with _script(box, f'require "fileinto"; fileinto "{folder}";'):
        sent = mail.message(ALICE.address, BOB.address)
        mail.submit(box.ip, ALICE, sent)
        mail.wait_for(box.ip, BOB, sent)  # in the inbox, where it goes when it cannot be filed
