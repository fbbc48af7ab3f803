# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail directory: reads and writes the entries below ou=mail in FreedomBox's slapd.

    with Store() as store:
        store.get(Mailbox, 'alice@example.org')

Everything given in is parsed or escaped before it becomes part of a name or a filter.
A `change` names the entry as it was seen, so two people changing the same entry cannot
overwrite each other: the second one gets the error `entry-changed`. Verbs that write after they
have looked are one act each: see `acts`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Self

from ldap3 import BASE, LEVEL, MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE, SUBTREE
from ldap3.core import exceptions
from ldap3.utils.dn import escape_rdn

from ..errors import MailError
from . import connection as ldap
from . import controls
from .accounts import SUFFIX, Accounts, RawAttributes
from .acts import PAGE_SECONDS, Acting, PendingEntries
from .alias import Alias
from .domain import DERIVED, Domain
from .entry import VERSION, Attributes, Entry, from_time_value, to_time_value
from .filters import condition, equals, escape
from .mailbox import Mailbox
from .reading import EntryPage, EntryType, attributes_of, names_of, read
from .settings import Settings as Settings

BASE_DN = f'ou=mail,{SUFFIX}'
BRANCHES = ('domains', 'mailboxes', 'aliases', 'passwords')
DECOY_DN = f'cn=decoy,ou=passwords,{BASE_DN}'
KINDS = (Domain, Mailbox, Alias)
ANCHOR = 'anchor'

_PAGE = 500
_KEYS_PER_FILTER = 100

Changes = dict[str, list[tuple[str, list[str]]]]


def branch_dn(kind: type[Entry]) -> str:
    """The name of the entry all entries of a kind are below."""
    return f'ou={kind.BRANCH},{BASE_DN}'


def entry_dn(kind: type[Entry], key: str) -> str:
    """The name of an entry; `key` is in its normal form."""
    return f'{kind.ATTRIBUTES[kind.KEY]}={escape_rdn(key)},{branch_dn(kind)}'


def _differences(before: Attributes, after: Attributes) -> Changes:
    """The LDAP changes from one state to another, which fail from a third one."""
    changes: Changes = {}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, ()), after.get(name, ())
        steps = [
            (MODIFY_DELETE, [value for value in old if value not in new]),
            (MODIFY_ADD, [value for value in new if value not in old]),
        ]
        if used := [step for step in steps if step[1]]:
            changes[name] = used
    return changes


def _changes_hands(before: Entry, after: Entry) -> bool:
    """Whether a mailbox gets another owner; one whose identity was not known gets none."""
    if not isinstance(before, Mailbox) or not isinstance(after, Mailbox):
        return False
    is_another = bool(before.owner_id) and before.owner_id != after.owner_id
    return is_another or before.stands_alone != after.stands_alone


def _only_if(version: str) -> list[controls.Control]:
    """The control by which slapd refuses a change of anything but this version."""
    return [controls.assertion(VERSION, version)] if version else []


@contextmanager
def _set_up() -> Iterator[None]:
    """Say that e-mail is not set up where the tree our entries are in is not there."""
    try:
        with ldap.mapped_errors():
            yield
    except MailError as error:
        if error.code != 'entry-missing':
            raise
        raise MailError('mail-not-set-up') from error


@contextmanager
def _named(kind: type[Entry], key: str) -> Iterator[None]:
    """Say which entry it was that is missing or exists already."""
    try:
        with ldap.mapped_errors():
            yield
    except MailError as error:
        if error.code == 'entry-missing':
            raise missing(kind, key) from error
        if error.code == 'entry-exists':
            raise exists(kind, key) from error
        raise


def exists(kind: type[Entry], key: str) -> MailError:
    """The error that there is such an entry already."""
    return MailError(f'{kind.NOUN}-exists.key', key=key)


def missing(kind: type[Entry], key: str) -> MailError:
    """The error that there is no such entry."""
    return MailError(f'{kind.NOUN}-missing.key', key=key)


class Store(Acting, Accounts):
    """The mail directory, as the user this process runs as; use it as a context manager."""

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
        at_once: int = _PAGE,
    ) -> Iterator[RawAttributes]:
        """The attributes of entries that a search finds, page by page."""
        with _set_up():
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
        with Store(self._uri) as store:
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
        with _set_up():
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
        for start in range(0, len(wanted), _KEYS_PER_FILTER):
            part = wanted[start : start + _KEYS_PER_FILTER]
            filter_ = '(|' + ''.join(equals(attribute, key) for key in part) + ')'
            keys = () if field else part
            found.update((entry.key, entry) for entry in self._entries(kind, filter_, keys))
        return found

    def get(self, kind: type[EntryType], key: str) -> EntryType:
        """The entry `key` stands for; MailError where there is none."""
        entry = self.find(kind, key)
        if entry is None:
            raise missing(kind, kind.normal_key(key))
        return entry

    def count(self, kind: type[Entry], where: Mapping[str, str] | None = None) -> int:
        """How many entries of a kind there are, as slapd counts them."""
        return self.page(kind, where=where, limit=1).total

    def in_domain(
        self, kind: type[EntryType], domain: str, field: str = ''
    ) -> tuple[EntryType, ...]:
        """The mailboxes or aliases that have an address of a domain in a field."""
        suffix = escape('@' + domain)
        return self._entries(kind, f'({kind.ATTRIBUTES[field or kind.KEY]}=*{suffix})')

    def has_addresses(self, domain: str) -> bool:
        """Whether a domain has any besides the standard ones; all others are not looked at."""
        suffix = escape('@' + domain)
        filter_ = f'(&(fbxMailAddress=*{suffix})(!(fbxMailOrigin=role)))'
        return any(True for _ in self._raw(BASE_DN, filter_, ['fbxMailAddress'], SUBTREE, 1))

    def password_hashes(self, address: str = '') -> dict[str, str]:
        """The hashed passwords of mailboxes, or of one, by address; only root sees any."""
        one = equals('fbxMailAddress', address) if address else ''
        found = self._raw(
            branch_dn(Mailbox), f'(&(userPassword=*){one})', ['fbxMailAddress', 'userPassword']
        )
        return {raw['fbxMailAddress'][0].decode(): raw['userPassword'][0].decode() for raw in found}

    def ending(self, kind: type[EntryType], moment: datetime) -> tuple[EntryType, ...]:
        """The entries in use that have their end at a moment or before."""
        end = f'(fbxMailExpires<={to_time_value(moment)})'
        return self._entries(
            kind, f'(&(objectClass={kind.OBJECT_CLASS})(fbxMailEnabled=TRUE){end})'
        )

    def next_end(self) -> datetime | None:
        """The next end of an entry in use."""
        found = self._raw(
            BASE_DN, '(&(fbxMailExpires=*)(fbxMailEnabled=TRUE))', ['fbxMailExpires'], SUBTREE
        )
        times = (raw['fbxMailExpires'][0].decode() for raw in found)
        return min((from_time_value(text) for text in times), default=None)

    def add(self, entry: Entry, password_hash: str = '') -> None:
        """Add an entry, or say that it is there already."""
        if isinstance(entry, Mailbox) and not self._pending:
            with self.transaction():
                self.add(entry, password_hash)
            return
        attributes = dict(entry.to_attributes())
        if password_hash:
            attributes['userPassword'] = (password_hash,)
        with _named(type(entry), entry.key), _set_up():
            self._connection.add(
                entry_dn(type(entry), entry.key),
                [entry.OBJECT_CLASS],
                attributes,
                self._controls,
            )
        self._note(entry)
        if self._pending:
            self._pending.added.append(entry)
            if isinstance(entry, Mailbox):
                self._pending.taken.append((entry, None))

    def _named_end(self, error: MailError, pending: PendingEntries) -> MailError:
        """The error of a transaction, with the entry that was there already where that ended it."""
        if error.code == 'entry-exists':
            for entry in pending.added[:_KEYS_PER_FILTER]:
                if self.find(type(entry), entry.key):
                    return exists(type(entry), entry.key)
        return error

    def _note(self, entry: Entry) -> None:
        """Have an entry found as it will be when the transaction ends."""
        if self._pending:
            self._pending.put(entry)

    def change(self, before: EntryType, after: EntryType) -> None:
        """Make an entry that is as `before` become `after`; both have the same key."""
        if before.key != after.key:
            raise MailError('key-invalid.rename', key=before.key)
        changes_hands = _changes_hands(before, after)
        if changes_hands and not self._pending:
            with self.transaction():
                self.change(before, after)
            return
        changes = _differences(before.to_attributes(), after.to_attributes())
        if changes:
            self._modify(type(after), after.key, changes, before.version)
            self._note(after)
        if changes_hands and self._pending:
            self._pending.taken.append((after, before))

    def complete(self, domain: Domain) -> None:
        """Give a domain the fields that an earlier version of this app did not write."""
        derived = {name: list(domain.to_attributes().get(name, ())) for name in DERIVED}
        condition_ = equals('fbxMailDomainName', domain.name)
        for raw in self._raw(branch_dn(Domain), condition_, list(derived)):
            present = {name: [value.decode() for value in raw.get(name, ())] for name in derived}
            if present != derived:
                changes = {name: [(MODIFY_REPLACE, values)] for name, values in derived.items()}
                self._modify(Domain, domain.name, changes)

    def drop_address_logins(self) -> None:
        """Take away short logins that are addresses, as an earlier version of this program made."""
        for raw in self._raw(branch_dn(Mailbox), '(fbxMailLogin=*)', names_of(Mailbox)):
            if b'@' in raw['fbxMailLogin'][0]:
                address = raw['fbxMailAddress'][0].decode()
                self._modify(Mailbox, address, {'fbxMailLogin': [(MODIFY_REPLACE, [])]})

    def set_password_hash(self, address: str, password_hash: str, version: str = '') -> None:
        """Give a mailbox another password, already hashed in a form slapd knows.

        A link by which a new one could be chosen is void from then on.
        """
        self._modify(
            Mailbox,
            address,
            {
                'userPassword': [(MODIFY_REPLACE, [password_hash])],
                'fbxMailResetHash': [(MODIFY_REPLACE, [])],
                'fbxMailResetExpires': [(MODIFY_REPLACE, [])],
            },
            version,
        )

    def password_fits(self, address: str, password: str) -> bool:
        """Whether a login with the password of a mailbox would succeed.

        Without an address it takes the time of a wrong password, by a decoy nobody can open.
        """
        dn = entry_dn(Mailbox, address) if address else DECOY_DN
        return ldap.password_fits(self._uri, dn, password)

    def add_password(self, entry: Entry, password_hash: str) -> None:
        """Add an app password: an entry for reading and, below it, one for sending."""
        self.add(entry, password_hash)
        attributes = {**entry.to_attributes(), 'userPassword': (password_hash,)}
        sending = {**attributes, 'fbxMailUse': ('send',)}
        with _named(type(entry), entry.key):
            dn = entry_dn(type(entry), entry.key)
            self._connection.add(
                f'fbxMailUse=send,{dn}', [entry.OBJECT_CLASS], sending, self._controls
            )

    def remove_password(self, kind: type[Entry], key: str) -> None:
        """Remove both entries of an app password; in a transaction right after its end.

        slapd cannot remove an entry in one that was the last below another.
        """
        if self._pending:
            self._pending.drop(kind, key)
            self._pending.afterwards.append(partial(self.remove_password, kind, key))
            return
        with suppress(exceptions.LDAPNoSuchObjectResult):
            self._connection.delete(f'fbxMailUse=send,{entry_dn(kind, key)}')
        self.remove(kind, key)

    def last_uses(self, which: str) -> dict[tuple[str, str], datetime]:
        """The last uses of app passwords that meet a filter, by key and service."""
        found = self._raw(
            f'ou=passwords,{BASE_DN}',
            f'(&{which}(pwdLastSuccess=*))',
            ['fbxMailKeyId', 'fbxMailUse', 'pwdLastSuccess'],
            SUBTREE,
        )
        return {
            (raw['fbxMailKeyId'][0].decode(), raw['fbxMailUse'][0].decode()): from_time_value(
                raw['pwdLastSuccess'][0].decode()
            )
            for raw in found
        }

    def set_reset_hash(self, address: str, reset_hash: str, expires: datetime) -> None:
        """Keep the hash of a secret by which a mailbox can get another password."""
        self._modify(
            Mailbox,
            address,
            {
                'fbxMailResetHash': [(MODIFY_REPLACE, [reset_hash])],
                'fbxMailResetExpires': [(MODIFY_REPLACE, [to_time_value(expires)])],
            },
        )

    def find_reset(self, reset_hash: str) -> Mailbox | None:
        """The mailbox with a link of this hash."""
        found = self._entries(Mailbox, equals('fbxMailResetHash', reset_hash))
        return found[0] if found else None

    def remove(self, kind: type[Entry], key: str, version: str = '') -> None:
        """Remove an entry, or say that there is none; `key` is in its normal form."""
        if self._pending:
            self._pending.drop(kind, key)
            self._anchor(kind)
        with _named(kind, key):
            self._connection.delete(
                entry_dn(kind, key), controls=[*self._controls, *_only_if(version)]
            )

    def _anchor(self, kind: type[Entry]) -> None:
        """See that a branch never loses its last entry in a transaction: slapd cannot do that."""
        if self._pending and kind not in self._pending.anchored:
            self._pending.anchored.add(kind)
            if not any(self._raw(branch_dn(kind), f'(ou={ANCHOR})', ['ou'])):
                dn = f'ou={ANCHOR},{branch_dn(kind)}'
                self._connection.add(dn, ['organizationalUnit'], {'ou': ANCHOR}, self._controls)

    def _modify(self, kind: type[Entry], key: str, changes: Changes, version: str = '') -> None:
        """Change attributes of an entry."""
        with _named(kind, key):
            self._connection.modify(
                entry_dn(kind, key), changes, controls=[*self._controls, *_only_if(version)]
            )

    def settings(self) -> Settings:
        """The settings, or say that e-mail is not set up."""
        if self._pending and self._pending.settings:
            return self._pending.settings
        names = list(Settings.ATTRIBUTES.values())
        return Settings.from_attributes(next(self._raw(BASE_DN, '(objectClass=*)', names, BASE)))

    def change_settings(self, before: Settings, after: Settings) -> None:
        """Make settings that are as `before` become `after`."""
        changes = _differences(before.to_attributes(), after.to_attributes())
        if changes:
            with _set_up():
                self._connection.modify(BASE_DN, changes, controls=self._controls)
            if self._pending:
                self._pending.settings = after


class PageStore(Store):
    """The directory for verbs that a page waits for: it gives up soon when others are writing."""

    patience: float | None = PAGE_SECONDS
