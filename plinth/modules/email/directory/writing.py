# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes of the mail directory: entries added, changed and removed, each as it was seen."""

from dataclasses import replace

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE

from ..errors import MailError
from . import controls, entry_errors
from .acts import PendingEntries
from .domain import DERIVED, Domain
from .entry import STAMP, Attributes, Entry
from .filters import equals
from .mailbox import Mailbox
from .memory_name import new_memory
from .names import ANCHOR, branch_dn, entry_dn
from .reading import EntryType, names_of
from .searching import KEYS_PER_FILTER, Searching
from .settings import Settings
from .suffix import BASE_DN

Changes = dict[str, list[tuple[str, list[str]]]]


def differences(before: Attributes, after: Attributes) -> Changes:
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


def _only_if(stamp: str) -> list[controls.Control]:
    """The control by which slapd refuses a change of an entry without this stamp."""
    return [controls.assertion(STAMP, stamp)] if stamp else []


class Writing(Searching):
    """A connection to slapd that writes the mail directory."""

    def add(self, entry: Entry, password_hash: str = '') -> None:
        """Add an entry, or say that it is there already."""
        if isinstance(entry, Mailbox) and not self._pending:
            with self.transaction():
                self.add(entry, password_hash)
            return
        if isinstance(entry, Mailbox) and not entry.memory:
            entry = replace(entry, memory=new_memory())
        attributes = dict(entry.to_attributes())
        if password_hash:
            attributes['userPassword'] = (password_hash,)
        with entry_errors.named(type(entry), entry.key), entry_errors.set_up():
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
            for entry in pending.added[:KEYS_PER_FILTER]:
                if self.find(type(entry), entry.key):
                    return entry_errors.exists(type(entry), entry.key)
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
        if changes_hands and isinstance(after, Mailbox):
            after = replace(after, memory=new_memory())
        changes = differences(before.to_attributes(), after.to_attributes())
        if changes:
            self._modify(type(after), after.key, changes, before.stamp)
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

    def give_memories(self) -> None:
        """Give a name for what the filter learns to mailboxes of an earlier version."""
        for raw in self._raw(branch_dn(Mailbox), '(!(fbxMailMemory=*))', ['fbxMailAddress']):
            for address in raw.get('fbxMailAddress', ()):
                changes: Changes = {'fbxMailMemory': [(MODIFY_ADD, [new_memory()])]}
                self._modify(Mailbox, address.decode(), changes)

    def drop_address_logins(self) -> None:
        """Take away short logins that are addresses, as an earlier version of this program made."""
        for raw in self._raw(branch_dn(Mailbox), '(fbxMailLogin=*)', names_of(Mailbox)):
            if b'@' in raw['fbxMailLogin'][0]:
                address = raw['fbxMailAddress'][0].decode()
                self._modify(Mailbox, address, {'fbxMailLogin': [(MODIFY_REPLACE, [])]})

    def remove(self, kind: type[Entry], key: str, stamp: str = '') -> None:
        """Remove an entry, or say that there is none; `key` is in its normal form."""
        if self._pending:
            self._pending.drop(kind, key)
            self._anchor(kind)
        with entry_errors.named(kind, key):
            self._connection.delete(
                entry_dn(kind, key), controls=[*self._controls, *_only_if(stamp)]
            )

    def _anchor(self, kind: type[Entry]) -> None:
        """See that a branch never loses its last entry in a transaction: slapd cannot do that."""
        if self._pending and kind not in self._pending.anchored:
            self._pending.anchored.add(kind)
            if not any(self._raw(branch_dn(kind), f'(ou={ANCHOR})', ['ou'])):
                dn = f'ou={ANCHOR},{branch_dn(kind)}'
                self._connection.add(dn, ['organizationalUnit'], {'ou': ANCHOR}, self._controls)

    def _modify(self, kind: type[Entry], key: str, changes: Changes, stamp: str = '') -> None:
        """Change attributes of an entry."""
        with entry_errors.named(kind, key):
            self._connection.modify(
                entry_dn(kind, key), changes, controls=[*self._controls, *_only_if(stamp)]
            )

    def change_settings(self, before: Settings, after: Settings) -> None:
        """Make settings that are as `before` become `after`."""
        changes = differences(before.to_attributes(), after.to_attributes())
        if changes:
            with entry_errors.set_up():
                self._connection.modify(BASE_DN, changes, controls=self._controls)
            if self._pending:
                self._pending.settings = after
