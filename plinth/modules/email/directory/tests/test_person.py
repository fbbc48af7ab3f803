# SPDX-License-Identifier: AGPL-3.0-or-later
"""Owners: what can be one, and what text means which."""

from dataclasses import replace
from typing import Any

import pytest

from plinth.modules.email.directory.accounts import User
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.apppassword import AppPassword
from plinth.modules.email.directory.entry import now
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.person import Person, named, of_user, owner_of
from plinth.modules.email.errors import MailError

ALICE_ID, EVE_ID = '3f0a8d4e-0000-4000-8000-000000000001', '3f0a8d4e-0000-4000-8000-000000000002'
SHOP = Mailbox('shop@one.test')
OWNED = Mailbox('alice@one.test', owner='alice', owner_id=ALICE_ID)


class World:
    """Users and mailboxes, as a store tells of them."""

    def __init__(self, *users: User) -> None:
        self._users = users

    def users(self) -> tuple[User, ...]:
        return self._users

    def user(self, name: str) -> User:
        for user in self._users:
            if user.name == name:
                return user
        raise MailError('user-missing', '')

    def get(self, kind: Any, key: str) -> Mailbox:
        for mailbox in (SHOP, OWNED):
            if mailbox.address == kind.normal_key(key):
                return mailbox
        raise MailError('mailbox-missing', '')


ALICE = User('alice', ALICE_ID)


def code(work: Any, *arguments: Any) -> str:
    with pytest.raises(MailError) as caught:
        work(*arguments)
    return caught.value.code


@pytest.mark.parametrize('name', ['alice@one.test', 'shop@one.test', '@', 'a@', '@b'])
def test_no_person_has_a_name_that_looks_like_an_address(name: str) -> None:
    assert code(Person, name, EVE_ID) == 'name-invalid'
    world: Any = World(ALICE, User(name, EVE_ID))
    assert code(of_user, world, name) == 'name-invalid'


@pytest.mark.parametrize('id_', ['', 'none', '*', ALICE_ID + 'x', ALICE_ID.upper()])
def test_no_person_is_without_an_identity(id_: str) -> None:
    assert code(Person, 'alice', id_) == 'user-invalid'


def test_an_administrator_names_owners_whatever_others_are_called() -> None:
    world: Any = World(ALICE, User('shop@one.test', EVE_ID), User('alice@one.test', EVE_ID))
    assert named(world, 'alice') == Person('alice', ALICE_ID)
    assert named(world, 'alice@one.test') == Person('alice', ALICE_ID)
    assert named(world, 'SHOP@one.test') == SHOP
    assert code(named, world, 'nobody') == 'user-missing'
    assert code(named, world, 'nobody@one.test') == 'user-missing'


def test_a_person_owns_by_identity_alone() -> None:
    assert Person('alice', ALICE_ID).owns(OWNED)
    assert not Person('alice', EVE_ID).owns(OWNED)
    assert not Person('alice', EVE_ID).owns(SHOP)
    assert not Person('alice', EVE_ID).owns(None)


def test_an_app_password_is_of_an_identity_or_of_an_address() -> None:
    assert AppPassword('abcd', 'alice', 'Phone', now(), ALICE_ID).owner_id == ALICE_ID
    assert AppPassword('abcd', 'shop@one.test', 'Phone', now()).owner_id == ''
    assert code(AppPassword, 'abcd', 'alice', 'Phone', now()) == 'address-invalid'


def test_a_short_login_is_never_an_address() -> None:
    name = 'alice@one.test'
    assert code(lambda: Mailbox('eve@one.test', owner=name, login=name)) == 'login-invalid'
    raw = {'fbxMailAddress': [b'eve@one.test'], 'fbxMailOwner': [b'x@y'], 'fbxMailLogin': [b'x@y']}
    assert Mailbox.from_attributes(raw).login == ''


def test_a_page_is_of_a_user_or_of_a_mailbox_and_never_the_other() -> None:
    world: Any = World(ALICE, User('shop@one.test', EVE_ID))
    assert owner_of(world, 'alice', False) == Person('alice', ALICE_ID)
    assert owner_of(world, 'Shop@one.test', True) == SHOP
    assert code(owner_of, world, 'shop@one.test', False) == 'name-invalid'
    assert code(owner_of, world, 'alice', True) == 'address-invalid'
    assert code(owner_of, world, 'alice@one.test', True) == 'mailbox-missing'
    assert code(owner_of, world, 'nobody@one.test', True) == 'mailbox-missing'
    world.get = lambda _kind, _key: replace(SHOP, enabled=False)
    assert code(owner_of, world, 'shop@one.test', True) == 'mailbox-missing'


def test_a_stand_alone_mailbox_owns_by_its_address_alone() -> None:
    made = Alias('books@one.test', (SHOP.address,), owner=SHOP.address, origin='user')
    assert SHOP.owns(made)
    assert SHOP.owns(SHOP)
    named_like_it = replace(made, owner_id=EVE_ID)
    others = OWNED, named_like_it, replace(made, owner=OWNED.address), replace(made, owner=''), None
    assert not any(SHOP.owns(each) for each in others)
    with_owner = replace(SHOP, owner='alice', owner_id=ALICE_ID)
    assert not any(with_owner.owns(each) for each in (made, SHOP, with_owner, OWNED))
    assert not Person('alice', ALICE_ID).owns(made)


def test_an_alias_of_a_mailbox_has_its_address_and_one_of_a_person_has_a_name() -> None:
    odd = "o'brien=club@one.test"
    assert Alias('books@one.test', (odd,), owner=odd).owner == odd
    assert (
        code(lambda: Alias('books@one.test', (odd,), owner=odd, owner_id=EVE_ID)) == 'user-invalid'
    )
    assert code(lambda: Alias('books@one.test', (odd,), owner='a)(b')) == 'address-invalid'
