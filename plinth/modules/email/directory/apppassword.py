# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords for devices and password managers: made here, seen once, each revocable on its own.

One looks like `k7f3-d9qm-xw4t-2hcn-8pzr`. Its first group is public and finds the entry; the
rest is random and kept as a hash only. slapd checks it and notes when it last did (every five
minutes at most), so no login costs a write of ours. An entry is for reading mail, another one
below it for sending: so each notes its own time.

DIAGNOSTICS
    label-invalid         it has no name
    password-missing      there is none with this key, or it is another owner's
    limit-reached         the owner has as many as there may be
    owner-invalid         the mailbox belongs to a FreedomBox user
"""

import dataclasses
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import ClassVar, Literal

from ..errors import MailError
from .accounts import User
from .acts import act
from .address import parse_own
from .entry import Entry, check_text, check_user_name, now
from .entry_errors import missing
from .filters import condition
from .mailbox import Mailbox
from .password import hash_password
from .person import Owner, Person, where_of
from .store import Store

MOST_PASSWORDS = 50
LONGEST_LABEL = 60
GRACE = timedelta(days=7)
"""How long passwords of a user who is gone are kept, should the same user come back."""
Use = Literal['read', 'alias']
READ: Use = 'read'
ALIAS: Use = 'alias'
"""The use of a password by which a password manager makes aliases; it opens no mail."""
_SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789'
_GROUPS, _GROUP = 5, 4


@dataclass(frozen=True)
class AppPassword(Entry):
    """A password for one device of a person, named by `owner_id`, or a stand-alone mailbox.

    `owner` is the name of the person to show, or the address of the mailbox.
    `last_read` and `last_sent` are when it was last used for each, to about five minutes.
    """

    OBJECT_CLASS: ClassVar[str] = 'fbxMailAppPassword'
    BRANCH: ClassVar[str] = 'passwords'
    KEY: ClassVar[str] = 'key_id'
    NOUN: ClassVar[str] = 'password'
    ATTRIBUTES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            'key_id': 'fbxMailKeyId',
            'owner': 'fbxMailOwner',
            'owner_id': 'fbxMailOwnerId',
            'label': 'fbxMailNote',
            'created': 'fbxMailCreated',
            'use': 'fbxMailUse',
        }
    )
    SEARCHED: ClassVar[tuple[str, ...]] = ('fbxMailOwner', 'fbxMailKeyId')

    key_id: str
    owner: str
    label: str
    created: datetime
    owner_id: str = ''
    use: str = 'read'
    last_read: datetime | None = None
    last_sent: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a password without a use or a name."""
        if len(self.key_id) != _GROUP or not set(self.key_id) <= set(_SIGNS):
            raise MailError('key-invalid')
        if self.owner_id:
            check_user_name(self.owner)
        elif str(parse_own(self.owner)) != self.owner:
            raise MailError('address-invalid')
        check_label(self.label)

    @classmethod
    def normal_key(cls, text: str) -> str:
        """The key `text` stands for; the whole password will do."""
        key = text.strip().lower()[:_GROUP]
        if len(key) != _GROUP or not set(key) <= set(_SIGNS):
            raise MailError('key-invalid')
        return key


def check_label(text: str) -> None:
    """Refuse a name a device cannot have."""
    if not text.strip():
        raise MailError('label-invalid')
    check_text(text, LONGEST_LABEL)


def generate() -> str:
    """A new password that cannot be guessed and can be typed."""
    groups = (''.join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return '-'.join(groups)


def of_owner(
    store: Store, owner: Owner | None = None, use: Use | None = READ
) -> tuple[AppPassword, ...]:
    """The passwords of an owner, or all, for one use or (None) all."""
    used = store.last_uses(condition(AppPassword, where=_where(owner)))
    return tuple(
        dataclasses.replace(
            each,
            last_read=used.get((each.key_id, each.use)),
            last_sent=used.get((each.key_id, 'send')),
        )
        for each in _all(store, owner)
        if use in (each.use, None)
    )


def _where(owner: Owner | None) -> dict[str, str]:
    """The fields by which an owner's entries are found."""
    return where_of(owner) if owner else {}


def _all(store: Store, owner: Owner | None) -> tuple[AppPassword, ...]:
    """The passwords of an owner, or all; a person's are never those of a mailbox."""
    found = store.search(AppPassword, where=_where(owner))
    return tuple(each for each in found if not (isinstance(owner, Mailbox) and each.owner_id))


def check_room(present: Collection[AppPassword]) -> None:
    """Refuse one more password than an owner may have."""
    if len(present) >= MOST_PASSWORDS:
        raise MailError('limit-reached.app-passwords', most=MOST_PASSWORDS)


def free_label(wanted: str, present: Collection[AppPassword]) -> str:
    """The label, with a number behind it where another password of the owner has it already."""
    taken, number, free = {each.label.casefold() for each in present}, 1, wanted
    while free.casefold() in taken:
        number += 1
        free = f'{wanted[: LONGEST_LABEL - len(str(number)) - 1]} {number}'
    return free


@act
def add(store: Store, owner: Owner, label: str, use: Use = READ) -> tuple[AppPassword, str]:
    """Add a password, and return its entry and the password itself for the only time."""
    present = _all(store, owner)
    check_room(present)
    if isinstance(owner, Mailbox) and not owner.stands_alone:
        raise MailError('owner-invalid.user', address=owner.address)
    name, id_ = (owner.name, owner.id) if isinstance(owner, Person) else (owner.address, '')
    password = generate()
    named = free_label(label.strip(), present)
    entry = AppPassword(password[:_GROUP], name, named, now(), id_, use)
    if store.find(AppPassword, entry.key_id):
        return add(store, owner, label, use)  # one in a million: the key is taken
    store.add_password(entry, hash_password(password))
    return entry, password


def follow_owners(
    store: Store, users: Iterable[User], mailboxes: Collection[Mailbox], time: datetime
) -> list[str]:
    """Revoke the passwords without an owner, and let the others have today's names.

    Returned are the keys of those revoked.
    """
    by_id = {user.id: user for user in users}
    for each in store.search(AppPassword):
        user = by_id.get(each.owner_id)
        if user and user.has_plain_name and user.name != each.owner:
            store.change(each, dataclasses.replace(each, owner=user.name))
    revoked = [each.key_id for each in without_owner(store, by_id, mailboxes, time)]
    for key in revoked:
        store.remove_password(AppPassword, key)
    return revoked


def without_owner(
    store: Store, ids: Collection[str], mailboxes: Collection[Mailbox], time: datetime
) -> list[AppPassword]:
    """The passwords to revoke, given the identities of all users.

    An owner is a user with the noted identity, or a stand-alone mailbox. While a user is gone
    Dovecot finds neither a mailbox in use nor an entry of this identity, so no password of theirs
    opens anything; it is kept for a time all the same.
    """
    alone = {mailbox.address for mailbox in mailboxes if mailbox.stands_alone}
    kept = {each.owner_id for each in mailboxes if each.gone and each.gone > time - GRACE}
    kept.update(ids)
    kept.discard('')
    return [
        each
        for each in store.search(AppPassword)
        if (each.owner_id not in kept if each.owner_id else each.owner not in alone)
    ]


def remove_of_mailbox(store: Store, mailbox: Mailbox) -> None:
    """Revoke all passwords of a stand-alone mailbox that goes; another may have its address."""
    if mailbox.stands_alone:
        for each in _all(store, mailbox):
            store.remove_password(AppPassword, each.key_id)


def get(store: Store, owner: Owner | None, text: str) -> AppPassword:
    """The password with a key; with an owner, only one of theirs."""
    found = store.get(AppPassword, text)
    if owner is not None and found not in _all(store, owner):
        raise missing(AppPassword, found.key_id)
    return found


@act
def remove(store: Store, owner: Owner | None, text: str) -> AppPassword:
    """Revoke a password; sessions that use it end."""
    found = get(store, owner, text)
    store.remove_password(AppPassword, found.key_id)
    return found
