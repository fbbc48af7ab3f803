# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole mail directory: checked as data, and put in place all at once.

A saved directory may be another box's, or of an attacker who wants to be root here. So no entry is
loaded as it stands in a file. Each is made into the dataclass of its kind, which checks
every value, and written from that, at the name that follows from its key. What is not of
our kinds below ou=mail makes the whole file refused; an entry of ours that would not be
accepted on a page either is left out and named.

The tree is changed by its differences in one transaction of slapd (RFC 5805): a program
that is killed leaves the old tree or the new one.

DIAGNOSTICS
    tree-foreign   something in the file is not part of a mail directory
"""

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ldap3 import MODIFY_REPLACE, SUBTREE, Connection

from ..errors import MailError
from . import acts, controls
from . import connection as ldap
from .alias import Alias
from .apppassword import AppPassword
from .domain import Domain
from .entry import Entry
from .ldif import LdifRecord
from .mailbox import Mailbox
from .names import ANCHOR, branch_dn, entry_dn
from .relay import Relay
from .route import RouteRule
from .settings import Settings
from .suffix import BASE_DN

KINDS: tuple[type[Entry], ...] = (Domain, Mailbox, Alias, AppPassword, Relay, RouteRule)
_KIND_OF = {kind.OBJECT_CLASS.lower(): kind for kind in KINDS}
_UNIT = frozenset({'organizationalunit'})
_SETTINGS = _UNIT | {'fbxmailsettings'}
_DECOY = frozenset({'device', 'simplesecurityobject'})
_HASH = re.compile(r'\{ARGON2\}\$argon2id\$[A-Za-z0-9$=,+/.-]{20,400}')
NO_PASSWORD = '{CRYPT}!'  # noqa: S105 - what no password hashes to
"""Stands for the password of an entry that goes right after a transaction."""

Key = tuple[str, str, str]
"""Object class, key, and what an app password is used for."""
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Node:
    """One entry as slapd gets it."""

    key: Key
    dn: str
    values: Values


@dataclass(frozen=True)
class Tree:
    """Settings and all entries; `left_out` names those that could not be accepted, and why."""

    settings: Settings
    nodes: tuple[Node, ...]
    left_out: tuple[str, ...] = ()


def _foreign(dn: str) -> MailError:
    return MailError('tree-foreign', dn[:200])


def _raw(record: LdifRecord) -> dict[str, list[bytes]]:
    """The values of a record by the names the schema has."""
    names = {name.lower(): name for kind in KINDS for name in kind.ATTRIBUTES.values()}
    names |= {name.lower(): name for name in (*Settings.ATTRIBUTES.values(), 'userPassword')}
    found: dict[str, list[bytes]] = {}
    for name, value in record.attributes:
        if name.lower() in names:
            found.setdefault(names[name.lower()], []).append(value)
    return found


def _is_below(dn: str) -> bool:
    """Whether a name is that of the mail directory or of something in it."""
    folded = re.sub(r'\s*([,=])\s*', r'\1', dn.strip().lower())
    return folded == BASE_DN or folded.endswith(f',{BASE_DN}')


def _hash(raw: Mapping[str, Sequence[bytes]]) -> tuple[str, ...]:
    """The hashed password of an entry, if it is one slapd checks by Argon2."""
    texts = [value.decode('ascii', 'replace') for value in raw.get('userPassword', ())]
    return tuple(text for text in texts if _HASH.fullmatch(text))[:1]


def _node(entry: Entry, secret: tuple[str, ...]) -> Node:
    """The node of an entry, at the name that follows from its key."""
    use = entry.use if isinstance(entry, AppPassword) else ''
    dn = entry_dn(type(entry), entry.key)
    values = {**entry.to_attributes(), **({'userPassword': secret} if secret else {})}
    return Node(
        (entry.OBJECT_CLASS, entry.key, use),
        f'fbxMailUse=send,{dn}' if use == 'send' else dn,
        values,
    )


def _checked(kind: type[Entry], record: LdifRecord) -> Node:
    """The node a record stands for. Raises MailError if a page would refuse it too."""
    raw = _raw(record)
    try:
        entry = kind.from_attributes(raw)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise MailError('entry-invalid', str(error)) from error
    if isinstance(entry, Mailbox):
        # A link for a new password does not outlive the directory it was made in.
        entry = dataclasses.replace(entry, reset_expires=None)
    secret = _hash(raw)
    if isinstance(entry, AppPassword) and (not secret or entry.use not in ('read', 'send')):
        raise MailError('entry-invalid.app-password')
    return _node(entry, secret)


def check(records: Iterable[LdifRecord]) -> Tree:
    """The tree that records stand for. Raises MailError for records that are no part of one."""
    settings, nodes, left_out = Settings(), dict[Key, Node](), list[str]()
    for record in records:
        if not _is_below(record.dn):
            raise _foreign(record.dn)
        classes = record.classes - {'top'}
        kind = _KIND_OF.get(next(iter(classes), '')) if len(classes) == 1 else None
        if classes in (_UNIT, _DECOY):
            continue  # each box has its own
        if classes != _SETTINGS and kind is None:
            raise _foreign(f'{record.dn}: {", ".join(sorted(classes))}')
        try:
            if kind is None:
                settings = Settings.from_attributes(_raw(record))
            else:
                node = _checked(kind, record)
                nodes[node.key] = node
        except MailError as error:
            left_out.append(f'{record.dn[:200]}: {error.sentence} {error.detail}'.rstrip())
    return Tree(settings, tuple(_with_both(nodes)), tuple(left_out))


def _with_both(nodes: Mapping[Key, Node]) -> Iterator[Node]:
    """Yield nodes, of app passwords only those that have both their entries; parents first."""
    for (kind, key, use), node in sorted(nodes.items()):
        other = {'read': 'send', 'send': 'read'}.get(use, use)
        if (kind, key, other) in nodes:
            yield node


class Replacing:
    """A tree taking the place of the present one, over a connection of root."""

    def __init__(self, connection: Connection, tree: Tree) -> None:
        self._connection = connection
        self._tree = tree
        self._controls: list[controls.Control] = []

    def _present(self) -> dict[Key, tuple[str, Values]]:
        """All entries of our kinds as they are."""
        wanted = ''.join(f'(objectClass={kind.OBJECT_CLASS})' for kind in KINDS)
        self._connection.search(BASE_DN, f'(|{wanted})', SUBTREE, attributes=['*'])
        found: dict[Key, tuple[str, Values]] = {}
        for item in self._connection.response or ():
            if 'raw_attributes' in item:
                raw = item['raw_attributes']
                values = {name: tuple(v.decode() for v in each) for name, each in raw.items()}
                kind = _KIND_OF[values.pop('objectClass')[0].lower()]
                key = values[kind.ATTRIBUTES[kind.KEY]][0]
                use = values.get('fbxMailUse', ('',))[0] if kind is AppPassword else ''
                found[kind.OBJECT_CLASS, key, use] = (item['dn'], values)
        return found

    def run(self) -> None:
        """Make the differences in one transaction; app passwords go right after it."""
        present = self._present()
        wanted = {node.key: node for node in self._tree.nodes}
        gone = [present[key] for key in sorted(present.keys() - wanted.keys(), reverse=True)]
        later = [dn for dn, values in gone if 'fbxMailKeyId' in values]
        self._begin()
        try:
            self._anchor()
            for dn, _values in gone:
                self._disable(dn) if dn in later else self._connection.delete(
                    dn, controls=self._controls
                )
            for node in self._tree.nodes:
                self._put(node, present.get(node.key))
            self._set_settings()
        except BaseException:
            self._end(commit=False)
            raise
        self._end(commit=True)
        for dn in later:  # those for sending lie below those for reading, and come first
            self._connection.delete(dn)

    def _begin(self) -> None:
        self._connection.extended(controls.START_TRANSACTION)
        identifier = self._connection.result['responseValue'] or b''
        self._identifier = identifier
        self._controls = [controls.in_transaction(identifier)]

    def _end(self, commit: bool) -> None:
        end = controls.end_transaction(self._identifier, commit)
        with ldap.patience(self._connection):
            self._connection.extended(controls.END_TRANSACTION, end, no_encode=True)

    def _anchor(self) -> None:
        """See that no branch loses its last entry: slapd cannot do that in a transaction."""
        for kind in KINDS:
            self._connection.search(branch_dn(kind), f'(ou={ANCHOR})', attributes=['ou'])
            if not any('raw_attributes' in item for item in self._connection.response or ()):
                dn = f'ou={ANCHOR},{branch_dn(kind)}'
                self._connection.add(dn, ['organizationalUnit'], {'ou': ANCHOR}, self._controls)

    def _disable(self, dn: str) -> None:
        change = {'userPassword': [(MODIFY_REPLACE, [NO_PASSWORD])]}
        self._connection.modify(dn, change, self._controls)

    def _put(self, node: Node, present: tuple[str, Values] | None) -> None:
        """Add an entry, or change the differing fields of the one that is there."""
        if present is None:
            self._connection.add(node.dn, [node.key[0]], dict(node.values), self._controls)
            return
        dn, values = present
        changes = {
            name: [(MODIFY_REPLACE, list(node.values.get(name, ())))]
            for name in sorted(values.keys() | node.values.keys())
            if set(values.get(name, ())) != set(node.values.get(name, ()))
        }
        if changes:
            self._connection.modify(dn, changes, self._controls)

    def _set_settings(self) -> None:
        values = self._tree.settings.to_attributes()
        names: Collection[str] = Settings.ATTRIBUTES.values()
        changes = {name: [(MODIFY_REPLACE, list(values.get(name, ())))] for name in names}
        self._connection.modify(BASE_DN, changes, self._controls)


def replace(tree: Tree) -> None:
    """Put a tree in the place of the present one, wholly or not at all, under the lock."""
    with acts.locked():
        connection = ldap.connect()
        try:
            with ldap.mapped_errors():
                Replacing(connection, tree).run()
        finally:
            ldap.disconnect(connection)
