# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads of the mail directory: entries by key, by search, and page by page."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Self

from ldap3 import BASE, LEVEL, SUBTREE

from . import connection as ldap
from . import controls, entry_errors
from .accounts import Accounts, RawAttributes
from .acts import Acting
from .entry import MADE, Entry, from_time_value, to_time_value
from .filters import condition, equals, escape
from .names import branch_dn
from .reading import EntryPage, EntryType, attributes_of, names_of, read
from .settings import Settings
from .suffix import BASE_DN

PAGE = 500
KEYS_PER_FILTER = 100


class Searching(Acting, Accounts):
    """A connection to slapd that reads the mail directory."""

    def __init__(self, uri: str = ldap.SOCKET_URI) -> None:
        self._uri = uri

    def __enter__(self) -> Self:
        """Connect."""
        self._connection = ldap.connect(self._uri)
        return self

    def __exit__(self, *_error: object) -> None:
        """Disconnect."""
        ldap.disconnect(self._connection)

    def _raw(
        self,
        base: str,
        filter_: str,
        attributes: Sequence[str],
        scope: str = LEVEL,
        at_once: int = PAGE,
    ) -> Iterator[RawAttributes]:
        """The attributes of entries that a search finds, page by page."""
        with entry_errors.set_up():
            found = self._connection.extend.standard.paged_search(
                base, filter_, scope, attributes=attributes, paged_size=at_once, generator=True
            )
            yield from attributes_of(found)

    def search(
        self,
        kind: type[EntryType],
        text: str = '',
        where: Mapping[str, str] | None = None,
        domain: str = '',
    ) -> tuple[EntryType, ...]:
        """Entries of a kind, sorted; `text` is somewhere in them, `where` exact values.

        The keys of `where` are names of fields. Those not in `domain` are left out if there is
        one.
        """
        return self._entries(kind, condition(kind, text, where, domain=domain))

    def page(
        self,
        kind: type[EntryType],
        text: str = '',
        where: Mapping[str, str] | None = None,
        offset: int = 0,
        limit: int = 50,
        unless: Mapping[str, str] | None = None,
        domain: str = '',
    ) -> EntryPage[EntryType]:
        """A part of the entries `search` finds, cut out and sorted by slapd.

        Entries with a value of `unless` are left out, and those not in `domain` if there is one.
        An offset behind the end gives the last entry rather than nothing.
        """
        return self.page_of({kind: condition(kind, text, where, unless, domain)}, offset, limit)

    def page_of(
        self, filters: Mapping[type[EntryType], str], offset: int = 0, limit: int = 50
    ) -> EntryPage[EntryType]:
        """A part of the list of all entries of some kinds that meet the filter of their kind."""
        # slapd keeps each sorted list until the connection ends, and few for each.
        with type(self)(self._uri) as store:
            first = store._view(filters, 0, limit, 0)
            if not offset or not first.total:
                return first
            place = min(offset, first.total - 1)
            return store._view(filters, place, limit, first.total)

    def _view(
        self, filters: Mapping[type[EntryType], str], offset: int, limit: int, total: int
    ) -> EntryPage[EntryType]:
        """Entries by their position among those that meet a filter."""
        kind, *others = filters
        base, scope = (BASE_DN, SUBTREE) if others else (branch_dn(kind), LEVEL)
        with entry_errors.set_up():
            self._connection.search(
                base,
                f'(|{"".join(filters.values())})',
                scope,
                attributes=names_of(*filters),
                controls=controls.page(kind.ATTRIBUTES[kind.KEY], offset, limit, total),
            )
        entries = read(attributes_of(self._connection.response), *filters)
        return EntryPage(tuple(entries), controls.total(self._connection.result['controls']))

    def _entries(
        self, kind: type[EntryType], filter_: str, keys: Collection[str] = ()
    ) -> tuple[EntryType, ...]:
        """The entries of a kind that meet a filter, sorted; `keys` are those asked for."""
        found = read(self._raw(branch_dn(kind), filter_, names_of(kind)), kind)
        entries = self._pending.over(kind, found, keys) if self._pending else found
        return tuple(sorted(entries, key=lambda entry: entry.key))

    def find(self, kind: type[EntryType], key: str) -> EntryType | None:
        """The entry `key` stands for, or None."""
        wanted = kind.normal_key(key)
        found = self._entries(kind, equals(kind.ATTRIBUTES[kind.KEY], wanted), (wanted,))
        return found[0] if found else None

    def find_many(
        self, kind: type[EntryType], values: Iterable[str], field: str = ''
    ) -> dict[str, EntryType]:
        """The entries that have one of many values as their key, or in a field.

        The values are in their normal form.
        """
        attribute, wanted = kind.ATTRIBUTES[field or kind.KEY], sorted(set(values) - {''})
        found: dict[str, EntryType] = {}
        for start in range(0, len(wanted), KEYS_PER_FILTER):
            part = wanted[start : start + KEYS_PER_FILTER]
            filter_ = '(|' + ''.join(equals(attribute, key) for key in part) + ')'
            keys = () if field else part
            found.update((entry.key, entry) for entry in self._entries(kind, filter_, keys))
        return found

    def get(self, kind: type[EntryType], key: str) -> EntryType:
        """The entry `key` stands for; MailError where there is none."""
        entry = self.find(kind, key)
        if entry is None:
            raise entry_errors.missing(kind, kind.normal_key(key))
        return entry

    def made(self, kind: type[Entry], keys: Iterable[str]) -> dict[str, datetime]:
        """When slapd made each of some entries; keys in normal form."""
        name, wanted = kind.ATTRIBUTES[kind.KEY], sorted(set(keys))
        found: dict[str, datetime] = {}
        for start in range(0, len(wanted), KEYS_PER_FILTER):
            part = wanted[start : start + KEYS_PER_FILTER]
            filter_ = '(|' + ''.join(equals(name, key) for key in part) + ')'
            for raw in self._raw(branch_dn(kind), filter_, [name, MADE]):
                found[raw[name][0].decode()] = from_time_value(raw[MADE][0].decode())
        return found

    def count(self, kind: type[Entry], where: Mapping[str, str] | None = None) -> int:
        """How many entries of a kind there are, as slapd counts them."""
        return self.page(kind, where=where, limit=1).total

    def in_domain(
        self, kind: type[EntryType], domain: str, field: str = ''
    ) -> tuple[EntryType, ...]:
        """The mailboxes or aliases that have an address of a domain in a field."""
        suffix = escape('@' + domain)
        return self._entries(kind, f'({kind.ATTRIBUTES[field or kind.KEY]}=*{suffix})')

    def having(self, kind: type[EntryType], field: str) -> tuple[EntryType, ...]:
        """The entries of a kind that have any value in a field."""
        filter_ = f'({kind.ATTRIBUTES[field]}=*)'
        return self._entries(kind, f'(&(objectClass={kind.OBJECT_CLASS}){filter_})')

    def having_any(
        self, kind: type[EntryType], fields: Collection[str], most: int
    ) -> EntryPage[EntryType]:
        """The first entries of a kind that have any value in one of some fields."""
        present = ''.join(f'({kind.ATTRIBUTES[field]}=*)' for field in fields)
        return self.page_of({kind: f'(&(objectClass={kind.OBJECT_CLASS})(|{present}))'}, 0, most)

    def has_addresses(self, domain: str) -> bool:
        """Whether a domain has any besides the standard ones; all others are not looked at."""
        suffix = escape('@' + domain)
        filter_ = f'(&(fbxMailAddress=*{suffix})(!(fbxMailOrigin=role)))'
        return any(True for _ in self._raw(BASE_DN, filter_, ['fbxMailAddress'], SUBTREE, 1))

    def ending(self, kind: type[EntryType], moment: datetime) -> tuple[EntryType, ...]:
        """The entries in use that have their end at a moment or before."""
        end = f'(fbxMailExpires<={to_time_value(moment)})'
        return self._entries(
            kind, f'(&(objectClass={kind.OBJECT_CLASS})(fbxMailEnabled=TRUE){end})'
        )

    def next_end(self) -> datetime | None:
        """The next end of an entry in use, or change of members."""
        names = ['fbxMailExpires', 'fbxMailHandover']
        ends = '(&(fbxMailExpires=*)(fbxMailEnabled=TRUE))'
        found = self._raw(BASE_DN, f'(|{ends}(fbxMailHandover=*))', names, SUBTREE)
        times = (value.decode() for raw in found for name in names for value in raw.get(name, ()))
        return min((from_time_value(text) for text in times), default=None)

    def settings(self) -> Settings:
        """The settings, or say that email is not set up."""
        if self._pending and self._pending.settings:
            return self._pending.settings
        names = list(Settings.ATTRIBUTES.values())
        return Settings.from_attributes(next(self._raw(BASE_DN, '(objectClass=*)', names, BASE)))
