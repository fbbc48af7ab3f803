# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords for devices: made here, seen once, each revocable on its own.

One looks like `k7f3-d9qm-xw4t-2hcn-8pzr`. Its first group is public and finds the entry; the
rest is random and kept as a hash only. slapd checks it and notes when it last did (every five
minutes at most), so no login costs a write of ours. An entry is for reading mail, another one
below it for sending: so each notes its own time.

DIAGNOSTICS
    label-invalid         it has no name
    password-missing      there is none with this key, or it is not of whoever asks
    limit-reached         the owner has as many as he may have
    owner-invalid         the owner is neither a FreedomBox user nor a stand-alone mailbox
"""

import dataclasses
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from ..errors import MailError
from .acts import act
from .address import parse_own
from .entry import Entry, check_text, check_user_name, now
from .filters import condition
from .mailbox import Mailbox
from .password import hash_password
from .store import Store, User, missing

MOST_PASSWORDS = 50
LONGEST_LABEL = 60
_SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789'
_GROUPS, _GROUP = 5, 4


@dataclass(frozen=True)
class AppPassword(Entry):
    """A password for one device of `owner`: a FreedomBox user or a stand-alone mailbox.

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
        """Refuse what nobody could use or tell from others."""
        if len(self.key_id) != _GROUP or not set(self.key_id) <= set(_SIGNS):
            raise MailError('key-invalid', 'This is not the key of a password.')
        check_owner(self.owner)
        if not self.label.strip():
            raise MailError('label-invalid', 'Give it a name, such as the name of the device.')
        check_text(self.label, 'name', LONGEST_LABEL)

    @classmethod
    def normal_key(cls, text: str) -> str:
        """Return the key somebody means by `text`; the whole password will do."""
        key = text.strip().lower()[:_GROUP]
        if len(key) != _GROUP or not set(key) <= set(_SIGNS):
            raise MailError('key-invalid', 'This is not the key of a password.')
        return key


def check_owner(owner: str) -> None:
    """Refuse what can be neither a FreedomBox user nor a mailbox."""
    if '@' in owner:
        if str(parse_own(owner)) != owner:
            raise MailError('address-invalid', 'An address is kept in its normal form.')
    else:
        check_user_name(owner)


def generate() -> str:
    """Return a new password; nobody can guess it, and people can type it."""
    groups = (''.join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return '-'.join(groups)


@dataclass(frozen=True)
class Owner:
    """Whose passwords are meant: a user, known by the `id` a new name keeps, or a mailbox."""

    name: str
    id: str = ''

    @property
    def condition(self) -> dict[str, str]:
        """Return what his entries have that no others do."""
        return {'owner_id': self.id} if self.id else {'owner': self.name}


def find_owner(store: Store, text: str) -> Owner:
    """Return the owner somebody means by a user name or the address of a mailbox."""
    if '@' in text:
        mailbox = store.get(Mailbox, text)
        if not mailbox.owner:
            return Owner(mailbox.address)
        text = mailbox.owner
    user = store.user(text)
    return Owner(user.name, user.id)


def of_owner(store: Store, owner: str = '') -> tuple[AppPassword, ...]:
    """Return the passwords of an owner, or all, with when they were last used."""
    where = find_owner(store, owner).condition if owner else None
    used = store.last_uses(condition(AppPassword, where=where))
    return tuple(
        dataclasses.replace(
            each,
            last_read=used.get((each.key_id, 'read')),
            last_sent=used.get((each.key_id, 'send')),
        )
        for each in store.search(AppPassword, where=where)
    )


def check_room(store: Store, owner: Owner) -> None:
    """Refuse one more password than somebody may have."""
    if len(store.search(AppPassword, where=owner.condition)) >= MOST_PASSWORDS:
        raise MailError(
            'limit-reached', f'There can be {MOST_PASSWORDS} of these passwords. Remove one first.'
        )


@act
def add(store: Store, owner: str, label: str) -> str:
    """Add a password for a user or a stand-alone mailbox, and return it for the only time."""
    whose = find_owner(store, owner)
    check_room(store, whose)
    password = generate()
    entry = AppPassword(password[:_GROUP], whose.name, label.strip(), now(), whose.id)
    if store.find(AppPassword, entry.key_id):
        return add(store, owner, label)  # one in a million: somebody has this key
    store.add_password(entry, hash_password(password))
    return password


def follow_users(store: Store, users: Iterable[User]) -> None:
    """Revoke the passwords of users who are gone, and let the others have today's names."""
    names = {user.id: user.name for user in users}
    for each in store.search(AppPassword):
        name = names.get(each.owner_id, '')
        if each.owner_id and not name:
            store.remove_password(AppPassword, each.key_id)
        elif each.owner_id and name != each.owner:
            store.change(each, dataclasses.replace(each, owner=name))


def remove_of_mailbox(store: Store, address: str) -> None:
    """Revoke all passwords of a stand-alone mailbox that goes; another may have its address."""
    for each in store.search(AppPassword, where=Owner(address).condition):
        store.remove_password(AppPassword, each.key_id)


@act
def remove(store: Store, owner: str, text: str) -> AppPassword:
    """Revoke a password; with an owner only one of his. Whoever uses it is out from then on."""
    found = store.get(AppPassword, text)
    if owner and found not in store.search(AppPassword, where=find_owner(store, owner).condition):
        raise missing(AppPassword, found.key_id)
    store.remove_password(AppPassword, found.key_id)
    return found
