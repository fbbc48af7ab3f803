# SPDX-License-Identifier: AGPL-3.0-or-later
"""The new owner of an address reads nothing of its earlier owners."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import PurePosixPath
from typing import Any

import pytest

from lab.host import wait_for as until
from lab.settings import DOMAINS, USERS, LabUser
from tests.conftest import Host
from tests.integration import mail
from tests.integration.imap import Imap

from .people import CALL, told

MAIN = DOMAINS[0]
ALICE = USERS[0]
HEIR = LabUser('heir', ALICE.password, MAIN)
DOMAIN = 'heirs.test'
DESK = 'desk-lab-password'
ROOT = ('-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///')
WHO = 'uid={},ou=users,dc=thisbox'
KEPT = PurePosixPath('/var/vmail/.kept')


def deliver(box: Host, address: str, login: str, password: str) -> EmailMessage:
    """Have a message arrive in a mailbox."""
    sent = mail.message(ALICE.address, address)
    mail.submit(box.ip, ALICE, sent)
    until(f'mail for {address}', lambda: has(box, login, password, sent), 60, 0.3)
    return sent


def has(box: Host, login: str, password: str, sent: EmailMessage) -> bool:
    """Whether a user finds a message in the inbox."""
    with mail.mailbox(box.ip, login, password) as session:
        return bool(mail.numbers(session, sent))


def everything(box: Host, login: str, password: str) -> tuple[list[str], int]:
    """All folders a user sees that hold a message, and how many messages there are."""
    with mail.mailbox(box.ip, login, password) as session:
        _, lines = session.list()
        names = [line.decode().split(' "/" ')[-1] for line in lines if isinstance(line, bytes)]
        counts = {name: int(session.select(name, readonly=True)[1][0] or 0) for name in names}
    return [name for name, count in counts.items() if count], sum(counts.values())


def kept(box: Host, address: str) -> list[dict[str, Any]]:
    return [each for each in told(box, 'mailbox', 'kept')['kept'] if each['address'] == address]


def vanish(box: Host) -> None:
    """Delete the user."""
    box.run('ldapdelete', *ROOT, WHO.format(HEIR.username), check=False)


def appear(box: Host) -> None:
    """Have a user of the name who is a new person: like alice, but for name and number."""
    vanish(box)
    entry = box.run(
        'ldapsearch', *ROOT, '-LLL', '-o', 'ldif_wrap=no', '-b', WHO.format(ALICE.username)
    )
    entry = re.sub(r'\balice\b', HEIR.username, re.sub('uidNumber: .*', 'uidNumber: 19999', entry))
    box.run('ldapadd', *ROOT, stdin=entry)
    box.run(CALL, 'reconcile')


def is_ended(session: Imap) -> bool:
    """Whether the server ended a session."""
    try:
        session.do('NOOP')
    except (EOFError, OSError, AssertionError):
        return True
    return False


def clear(box: Host) -> None:
    vanish(box)
    box.run(CALL, 'domain', 'remove', '--force', DOMAIN, check=False)
    box.run(CALL, 'reconcile')
    box.run(CALL, 'mailbox', 'remove', '--force', HEIR.address, check=False)
    for each in told(box, 'mailbox', 'kept')['kept']:
        if each['address'].endswith((HEIR.address, f'@{DOMAIN}')):
            box.run(CALL, 'mailbox', 'delete-mail', each['id'])


@pytest.fixture(autouse=True, scope='module')
def _clean(box: Host) -> Iterator[None]:
    clear(box)
    appear(box)
    yield
    clear(box)


def test_a_user_of_the_same_name_reads_nothing_of_the_one_before(box: Host) -> None:
    secret = deliver(box, HEIR.address, HEIR.username, HEIR.password)
    with Imap(box.ip, HEIR.username, HEIR.password) as session:
        session.do('SELECT INBOX')
        appear(box)
        until('the session of the one before to end', lambda: is_ended(session), 5, 0.1)

    assert everything(box, HEIR.username, HEIR.password) == ([], 0), 'the heir has old mail'
    fresh = deliver(box, HEIR.address, HEIR.username, HEIR.password)
    (found,) = kept(box, HEIR.address)
    assert (found['messages'], found['owner'], found['taken_by']) == (1, 'heir', 'heir')
    codes = [each['code'] for each in told(box, 'status')['problems']]
    assert 'mail-kept' in codes, 'nobody is told'
    for user in ('vmail', 'plinth'):
        said = box.run('runuser', '-u', user, '--', 'ls', str(KEPT), check=False)
        assert 'ermission denied' in said or not said, f'{user} sees kept mail'

    box.run(CALL, 'mailbox', 'give-mail', found['id'])
    assert has(box, HEIR.username, HEIR.password, secret), 'given mail is not there'
    assert has(box, HEIR.username, HEIR.password, fresh), 'newer mail was lost'
    assert kept(box, HEIR.address) == []


def test_a_user_reads_nothing_of_a_mailbox_that_stood_alone(box: Host) -> None:
    address = f'{HEIR.username}@{DOMAIN}'
    box.run(CALL, 'domain', 'add', DOMAIN)
    box.run(CALL, 'mailbox', 'add', address, stdin=f'{DESK}\n')
    secret = deliver(box, address, address, DESK)
    with Imap(box.ip, address, DESK) as session:
        session.do('SELECT INBOX')
        box.run(CALL, 'mailbox', 'remove', address)
        until('the session to end', lambda: is_ended(session), 5, 0.1)
    box.run(CALL, 'domain', 'change', DOMAIN, '--user-mailboxes', 'yes')
    assert everything(box, address, HEIR.password) == ([], 0), 'a user has the mail of a desk'
    (found,) = kept(box, address)
    assert (found['messages'], found['owner'], found['taken_by']) == (1, '', 'heir')
    box.run(CALL, 'mailbox', 'give-mail', address)
    assert has(box, address, HEIR.password, secret), 'given mail is not there'


def test_a_domain_that_comes_back_brings_no_one_the_mail_of_another(box: Host) -> None:
    """The same person has the mail again; another user of the same name has not."""
    address = f'{HEIR.username}@{DOMAIN}'
    own = f'{ALICE.username}@{DOMAIN}'
    secret = deliver(box, address, address, HEIR.password)
    mine = deliver(box, own, own, ALICE.password)
    box.run(CALL, 'domain', 'remove', '--force', DOMAIN)
    appear(box)
    box.run(CALL, 'domain', 'add', DOMAIN)
    box.run(CALL, 'domain', 'change', DOMAIN, '--user-mailboxes', 'yes')
    assert everything(box, address, HEIR.password) == ([], 0), 'the heir has old mail'
    assert has(box, own, ALICE.password, mine), 'alice lost her mail with the domain'
    assert kept(box, own) == []
    assert not has(box, address, HEIR.password, secret)

    (found,) = kept(box, address)
    box.run(CALL, 'mailbox', 'delete-mail', found['id'])
    assert kept(box, address) == []
    assert not box.succeeds('test', '-e', str(KEPT / found['id'])), 'deleted mail is on the disk'
    deliver(box, address, address, HEIR.password)
