# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many addresses people may make: counted for each person and domain, to the last one."""

from typing import Any

import pytest

from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.person import Person
from plinth.modules.email.directory.verbs import aliases, own
from plinth.modules.email.errors import MailError

from ...tests.world import PAST, TO, World

ID, OTHER = (f'00000000-0000-0000-0000-00000000000{n}' for n in (1, 2))
ALICE, BOB = Person('alice', ID), Person('bob', OTHER)
DESK = Mailbox('desk@one.test')


def made(local: str, domain: str = 'one.test', id_: str = ID, **more: Any) -> Alias:
    """An alias a person made."""
    return Alias(f'{local}@{domain}', TO, owner='alice', owner_id=id_, **{'origin': 'user', **more})


ENTRIES = (
    Domain('one.test', user_aliases=3),
    Domain('two.test', user_aliases=5),
    Domain('none.test'),
    Domain('off.test', enabled=False, user_aliases=5),
    Domain('same.test', alias_of='one.test', user_aliases=5),
    DESK,
    made('a'), made('b', enabled=False), made('x', 'two.test'), made('y', 'two.test'),
    made('z', 'two.test', expires=PAST), made('bobs', id_=OTHER),
    made('given', origin='admin'), made('named', id_=''),
    Alias('mine@one.test', TO, owner=DESK.address, origin='user', senders=(DESK.address,)),
)  # fmt: skip


def world(*more: Alias) -> Any:
    """A directory with these entries and some more."""
    return World((*ENTRIES, *more))


@pytest.mark.parametrize(
    ('owner', 'one', 'two'),
    [(ALICE, 2, 3), (BOB, 1, 0), (DESK, 1, 0), (Person('alice', OTHER[:-1] + '9'), 0, 0)],
    ids=['alice', 'bob', 'a mailbox', 'another alice'],
)
def test_addresses_are_counted_in_each_domain(owner: Any, one: int, two: int) -> None:
    assert own.limits_of(world(), owner) == {'one.test': (one, 3), 'two.test': (two, 5)}


@pytest.mark.parametrize(
    ('alias', 'count'),
    [
        (made('new'), 2),
        (made('new', 'two.test'), 3),
        (made('new', id_=OTHER), 1),
        (made('new', id_=''), 1),
        (Alias('new@one.test', TO, owner=DESK.address, origin='user'), 1),
    ],
)
def test_what_counts_with_a_new_one(alias: Alias, count: int) -> None:
    assert aliases.owned_in(world(), alias) == count


def test_the_last_one_is_allowed_and_no_more() -> None:
    aliases._check_limit(world(), made('third'))
    with pytest.raises(MailError, match='your limit of 3') as caught:
        aliases._check_limit(world(made('third')), made('fourth'))
    assert caught.value.code == 'limit-reached'
    aliases._check_limit(world(made('third')), made('fourth', 'two.test'))


def test_where_the_limit_is_none_only_administrators_make_any() -> None:
    with pytest.raises(MailError, match='Only administrators'):
        aliases._check_limit(world(), made('first', 'none.test'))
