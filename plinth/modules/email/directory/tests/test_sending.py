# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which addresses a mailbox may send as, and which mailbox a login opens."""

from typing import Any

import pytest

from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.sending import addresses_of, mailbox_of

from .world import ALICE, BOB, COMMON, PAST, SECOND, SHOP, TO, World

ENTRIES = (
    *COMMON,
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


WORLD: Any = World(ENTRIES)


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
