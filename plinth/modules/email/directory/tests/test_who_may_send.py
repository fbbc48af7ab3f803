# SPDX-License-Identifier: AGPL-3.0-or-later
"""Allowed senders of an address: by identity, never by a name, and none while it is off."""

from typing import Any

import pytest

from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.resolve import who_may_send

from .world import COMMON, PAST, TO, World

ENTRIES = (
    *COMMON,
    Alias('mine@one.test', TO, owner='x', owner_id='id-a', origin='user'),
    Alias('carried@one.test', TO, owner='alice'),
    Alias('team@one.test', ('bob@one.test',), senders=('shop@one.test',)),
    Alias('abuse@one.test', ('bob@one.test',), origin='role'),
    Alias('news-*@one.test', TO, owner='bob', owner_id='id-b'),
    Alias('news-off@one.test', TO, False, owner='bob', owner_id='id-b'),
    Alias('past@one.test', TO, owner='bob', owner_id='id-b', expires=PAST),
    Alias('*@one.test', TO, senders=('alice@one.test',)),
)  # fmt: skip


@pytest.mark.parametrize(
    ('address', 'senders'),
    [
        ('alice@one.test', ('alice@one.test', 'desk@one.test')),
        ('alice+x@same.test', ('alice@one.test', 'desk@one.test')),
        ('shop@one.test', ('shop@one.test',)),
        ('old@one.test', ()),
        ('mine@one.test', ('alice@one.test', 'desk@one.test')),
        ('carried@one.test', ()),  # a name alone gives no right: another person may take it
        ('team@one.test', ('shop@one.test',)),
        ('abuse@one.test', ('bob@one.test',)),
        ('news-x@one.test', ('bob@one.test',)),
        ('news-off@one.test', ()),
        ('past@one.test', ()),
        ('other@one.test', ('alice@one.test',)),
        ('alice@off.test', ()),
        ('alice@outside.test', ()),
    ],
)
def test_who_may_send(address: str, senders: tuple[str, ...]) -> None:
    world: Any = World(ENTRIES)
    assert who_may_send(world, address) == senders
