# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords for devices: each opens one person's mail, until it is revoked or they are locked."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab import settings
from tests.conftest import Host

from .mail import reads, sends

ALICE, BOB = settings.USERS
CALL = 'freedombox-email'
SHOP = f'device-test@{settings.DOMAINS[0]}'


def make(box: Host, owner: str) -> str:
    made = json.loads(box.run(CALL, 'app-password', 'add', owner, 'Phone', '--json'))['password']
    assert made['password'].startswith(made['key_id'] + '-')
    return str(made['password'])


def listed(box: Host, owner: str, key: str) -> Any:
    found = json.loads(box.run(CALL, 'app-password', 'list', owner, '--json'))['passwords']
    return next(each for each in found if each['key_id'] == key[:4])


@pytest.fixture
def password(box: Host) -> Iterator[str]:
    """A password for a device of alice."""
    made = make(box, 'alice')
    yield made
    box.run(CALL, 'app-password', 'remove', made[:4], check=False)


@pytest.mark.parametrize('login', ['alice', ALICE.address, ALICE.address.upper()])
def test_it_opens_the_mail_of_its_owner(box: Host, password: str, login: str) -> None:
    assert reads(box, login, password)
    assert sends(box, login, password)
    assert reads(box, login, ALICE.password)


def test_its_last_use_is_noted_for_reading_and_for_sending(box: Host, password: str) -> None:
    assert (listed(box, 'alice', password)['last_read'], 0) == (None, 0)
    assert reads(box, 'alice', password)
    found = listed(box, ALICE.address, password)
    assert (bool(found['last_read']), found['last_sent']) == (True, None)
    assert sends(box, 'alice', password)
    assert listed(box, 'alice', password)['last_sent']


def test_it_opens_nothing_else(box: Host, password: str) -> None:
    for login, given in (
        ('bob', password),
        ('alice', password[:-1] + ('a' if password[-1] != 'a' else 'b')),
        ('alice', password[:4]),
        ('alice', password + 'x'),
        ('alice', '*' + password[1:]),
    ):
        assert not reads(box, login, given)
        assert not sends(box, login, given)


def test_it_is_revoked(box: Host) -> None:
    kept, revoked = make(box, 'alice'), make(box, 'alice')
    assert reads(box, 'alice', revoked)
    box.run(CALL, 'app-password', 'remove', revoked[:4])
    assert not reads(box, 'alice', revoked)
    assert not sends(box, 'alice', revoked)
    assert reads(box, 'alice', kept)
    box.run(CALL, 'app-password', 'remove', kept[:4])


def lock(box: Host, name: str, change: str) -> None:
    """Lock or unlock a user the way FreedomBox does."""
    text = (
        f'dn: uid={name},ou=users,dc=thisbox\nchangetype: modify\n{change}: pwdAccountLockedTime\n'
        + ('pwdAccountLockedTime: 000001010000Z\n' if change != 'delete' else '')
    )
    box.run('ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///', stdin=text)


def test_a_locked_user_cannot_use_it(box: Host, password: str) -> None:
    lock(box, 'alice', 'replace')
    try:
        for given in (password, ALICE.password):
            assert not reads(box, 'alice', given)
            assert not sends(box, ALICE.address, given)
    finally:
        lock(box, 'alice', 'delete')
    assert reads(box, 'alice', password)


def test_a_stand_alone_mailbox_has_its_own(box: Host) -> None:
    box.run(CALL, 'mailbox', 'add', SHOP, stdin='a shop password')
    made = make(box, SHOP)
    assert reads(box, SHOP, made)
    assert sends(box, SHOP, made)
    assert not reads(box, 'alice', made)
    box.run(CALL, 'mailbox', 'disable', SHOP)
    assert not reads(box, SHOP, made)
    box.run(CALL, 'mailbox', 'remove', SHOP, '--delete-mail')
    box.run(CALL, 'mailbox', 'add', SHOP, stdin='another password')
    assert not reads(box, SHOP, made)
    assert reads(box, SHOP, 'another password')
    box.run(CALL, 'mailbox', 'remove', SHOP, '--delete-mail')
