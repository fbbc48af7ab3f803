# SPDX-License-Identifier: AGPL-3.0-or-later
"""A view of the directory for checks, also with a change not made yet.

A `View` finds single entries by their normal keys. `StoreView` asks slapd, each thing once;
`MemoryView` has all in memory, for thousands of questions at a time; `Changed` shows another
view as it would be after a change.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from .alias import Alias
from .domain import Domain
from .entry import Entry
from .mailbox import Mailbox
from .relay import Relay
from .route import RouteRule
from .store import Store

EntryType = TypeVar('EntryType', bound=Entry)
Key = tuple[type[Entry], str]


class DirectoryView(Protocol):
    """Something that finds entries."""

    def find(self, kind: type[EntryType], key: str) -> EntryType | None:
        """The entry with this normal key, or None."""
        ...


def _keys(entries: Iterable[Entry]) -> dict[Key, Entry]:
    return {(type(entry), entry.key): entry for entry in entries}


class StoreView:
    """The directory as it is; an entry is looked up once and then remembered."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[Key, Entry | None] = {}

    def find(self, kind: type[EntryType], key: str) -> EntryType | None:
        """The entry with this normal key, or None."""
        if (kind, key) not in self._seen:
            self._seen[kind, key] = self._store.find_many(kind, [key]).get(key)
        found = self._seen[kind, key]
        return found if isinstance(found, kind) else None


class MemoryView:
    """Entries that are all known."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = _keys(entries)

    def find(self, kind: type[EntryType], key: str) -> EntryType | None:
        """The entry with this normal key, or None."""
        found = self._entries.get((kind, key))
        return found if isinstance(found, kind) else None

    def put(self, entry: Entry) -> None:
        """Take in an entry, in place of one with the same key."""
        self._entries[type(entry), entry.key] = entry

    @classmethod
    def of(cls, store: Store) -> 'MemoryView':
        """A view of the whole directory."""
        kinds: tuple[type[Entry], ...] = (Domain, Mailbox, Alias, Relay, RouteRule)
        return cls(entry for kind in kinds for entry in store.search(kind))


class Changed:
    """Another view as it would be with some entries added or changed, and some removed."""

    def __init__(
        self, view: DirectoryView, entries: Iterable[Entry] = (), removed: Iterable[Entry] = ()
    ) -> None:
        self._view = view
        changes: dict[Key, Entry | None] = dict.fromkeys(_keys(removed))
        changes.update(_keys(entries))
        self._changes: Mapping[Key, Entry | None] = changes

    def find(self, kind: type[EntryType], key: str) -> EntryType | None:
        """The entry with this normal key, or None."""
        if (kind, key) not in self._changes:
            return self._view.find(kind, key)
        found = self._changes[kind, key]
        return found if isinstance(found, kind) else None
