# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which addresses a mailbox may send as, and which mailbox a login opens."""

from datetime import UTC, datetime
from typing import Any

import pytest

from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.sending import addresses_of, mailbox_of

ALICE = Mailbox('alice@one.test', owner='alice', owner_id='id-a', login='alice')
SECOND = Mailbox('desk@one.test', owner='alice', owner_id='id-a')
GONE = Mailbox('old@one.test', False, owner='alice', owner_id='id-a')
BOB = Mailbox('bob@one.test', owner='bob', owner_id='id-b', login='bob')
SHOP = Mailbox('shop@one.test')
TO = ('alice@one.test',)
PAST = datetime(2020, 1, 1, tzinfo=UTC)
ENTRIES = (
    Domain('one.test'),
    Domain('same.test', alias_of='one.test'),
    Domain('off.test', enabled=False),
    ALICE, SECOND, GONE, BOB, SHOP,
    Alias('mine@one.test', TO, owner='x', owner_id='id-a', origin='user'),
    Alias('mine-off@one.test', TO, False, owner='x', owner_id='id-a', origin='user'),
    Alias('mine-past@one.test', TO, owner='x', owner_id='id-a', expires=PAST),
    Alias('mine@off.test', TO, owner='x', owner_id='id-a'),
    Alias('mine-*@one.test', TO, owner='x', owner_id='id-a'),
    Alias('team@one.test', ('bob@one.test',), senders=('shop@one.test',)),
    Alias('abuse@one.test', TO, origin='role'),
    Alias('former@one.test', TO, origin='freedombox'),
    Alias('nobody@one.test', TO),
)  # fmt: skip


class World:
    """A directory with these entries."""

    def find(self, kind: Any, key: str) -> Any:
        return self.find_many(kind, [key]).get(key)

    def find_many(self, kind: Any, keys: Any) -> Any:
        return {each.key: each for each in ENTRIES if type(each) is kind and each.key in keys}

    def search(self, kind: Any, where: Any) -> Any:
        ((name, value),) = where.items()
        return tuple(each for each in ENTRIES if type(each) is kind and _holds(each, name, value))


def _holds(entry: Any, name: str, value: str) -> bool:
    """Whether a field is a value, or has it among its own."""
    found = getattr(entry, name)
    return value in found if isinstance(found, tuple) else found == value


WORLD: Any = World()


@pytest.mark.parametrize(
    ('mailbox', 'others'),
    [
        (ALICE, ('desk@one.test', 'mine@one.test')),
        (SECOND, ('alice@one.test', 'mine@one.test')),
        (BOB, ()),
        (SHOP, ('team@one.test',)),
    ],
)
def test_addresses_of_a_mailbox(mailbox: Mailbox, others: tuple[str, ...]) -> None:
    assert addresses_of(WORLD, mailbox) == (mailbox.address, *others)


@pytest.mark.parametrize(
    ('login', 'mailbox'),
    [
        ('alice', ALICE),
        ('alice@one.test', ALICE),
        ('ALICE@Same.Test', ALICE),
        ('former@one.test', ALICE),
        ('shop@one.test', SHOP),
        ('shop', None),
        ('old@one.test', None),
        ('mine@one.test', None),
        ('nobody@one.test', None),
        ('alice@off.test', None),
        ('alice@outside.test', None),
        ('@', None),
        ('a b@one.test', None),
    ],
)
def test_the_mailbox_of_a_login(login: str, mailbox: Mailbox | None) -> None:
    assert mailbox_of(WORLD, login) == mailbox
