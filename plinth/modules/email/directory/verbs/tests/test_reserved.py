# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses no user makes: reserved ones, and those beside another user's."""

from typing import Any

import pytest

from plinth.modules.email.directory.accounts import User
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.person import Person
from plinth.modules.email.directory.verbs.reserved import check, is_reserved
from plinth.modules.email.errors import MailError

ALICE_ID, BOSS_ID = '3f0a8d4e-0000-4000-8000-000000000001', '3f0a8d4e-0000-4000-8000-000000000002'
ALICE = Person('alice', ALICE_ID)
TO = ('alice@one.test',)


class World:
    """A directory with these entries, and two users."""

    def __init__(self, *entries: Any) -> None:
        self._entries = entries

    def users(self) -> tuple[User, ...]:
        return (User('alice', ALICE_ID), User('Chief', BOSS_ID))

    def find_many(self, kind: Any, keys: Any) -> Any:
        return {each.key: each for each in self._entries if type(each) is kind and each.key in keys}


@pytest.mark.parametrize(
    'local', ['admin', 'webmaster', 'security', 'mail-reports', 'admin-*', 'security-eu-*', 'noc']
)
def test_reserved(local: str) -> None:
    assert is_reserved(f'{local}@one.test')


@pytest.mark.parametrize('local', ['alice', 'admins', 'my-admin', 'x-admin-*', 'admin-shop', '*'])
def test_not_reserved(local: str) -> None:
    assert not is_reserved(f'{local}@one.test')


def refused(address: str, *entries: Any) -> str:
    world: Any = World(*entries)
    try:
        check(world, ALICE, address)
    except MailError as error:
        return error.code
    return ''


@pytest.mark.parametrize(
    'beside',
    [Mailbox('boss@one.test', owner='boss', owner_id=BOSS_ID), Mailbox('boss@one.test'),
     Alias('boss@one.test', TO), Alias('boss@one.test', TO, owner='x', owner_id=BOSS_ID)],
)  # fmt: skip
def test_no_pattern_beside_the_name_of_another_person(beside: Any) -> None:
    for local in ('boss-*', 'boss-eu-*', 'boss.*', 'boss_x_*'):
        assert refused(f'{local}@one.test', beside) == 'address-taken', local
    assert not refused('boss-*@two.test', beside)
    assert not refused('bos-*@one.test', beside)


@pytest.mark.parametrize('local', ['boss', 'boss-bank', 'boss-eu-*', 'boss-eu-bank'])
def test_nothing_that_a_pattern_of_another_person_takes(local: str) -> None:
    theirs = Alias('boss-*@one.test', TO, owner='x', owner_id=BOSS_ID)
    assert refused(f'{local}@one.test', theirs) == 'address-taken'
    mine = Alias('boss-*@one.test', TO, owner='alice', owner_id=ALICE_ID)
    assert not refused(f'{local}@one.test', mine)


def test_own_names_and_free_ones() -> None:
    mine = Mailbox('alice@one.test', owner='alice', owner_id=ALICE_ID)
    for local in ('alice-*', 'shop-*', 'shop', 'shop-eu'):
        assert not refused(f'{local}@one.test', mine, Alias('*@one.test', TO)), local


def test_the_name_of_another_user_in_any_domain() -> None:
    for local in ('chief', 'chief-*'):
        assert refused(f'{local}@two.test') == 'address-taken'
