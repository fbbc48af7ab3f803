# SPDX-License-Identifier: AGPL-3.0-or-later
"""Some people's mailboxes, and a directory that holds nothing but what it is given."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.entry import Entry
from plinth.modules.email.directory.mailbox import Mailbox

ALICE = Mailbox('alice@one.test', owner='alice', owner_id='id-a', login='alice')
SECOND = Mailbox('desk@one.test', owner='alice', owner_id='id-a')
GONE = Mailbox('old@one.test', False, owner='alice', owner_id='id-a')
BOB = Mailbox('bob@one.test', owner='bob', owner_id='id-b', login='bob')
SHOP = Mailbox('shop@one.test')
TO = ('alice@one.test',)
PAST = datetime(2020, 1, 1, tzinfo=UTC)
COMMON: tuple[Entry, ...] = (
    Domain('one.test'),
    Domain('same.test', alias_of='one.test'),
    Domain('off.test', enabled=False),
    ALICE, SECOND, GONE, BOB, SHOP,
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """A directory with these entries."""

    entries: tuple[Entry, ...]

    def find(self, kind: Any, key: str) -> Any:
        return self.find_many(kind, [key]).get(key)

    def find_many(self, kind: Any, keys: Any) -> Any:
        return {each.key: each for each in self.entries if type(each) is kind and each.key in keys}

    def get(self, kind: Any, key: str) -> Any:
        return next(each for each in self.entries if type(each) is kind and each.key == key)

    def search(self, kind: Any, where: Any = MappingProxyType({})) -> Any:
        found = (each for each in self.entries if type(each) is kind)
        return tuple(each for each in found if all(_holds(each, *pair) for pair in where.items()))


def _holds(entry: Any, name: str, value: str) -> bool:
    """Whether a field is a value, or has it among its own."""
    found = getattr(entry, name)
    return value in found if isinstance(found, tuple) else bool(found == value)
