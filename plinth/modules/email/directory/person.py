# SPDX-License-Identifier: AGPL-3.0-or-later
"""Owners of mailboxes, aliases and app passwords: a person, or a stand-alone mailbox.

Text becomes an owner once, where it comes in: the name of the user who is logged in by `of_user`,
an argument of the command by `named`. From then on an owner is one of these types, known by
the identity a new name does not change. No function here looks at text to guess what it
means: FreedomBox lets people take any name, the address of another person too.

DIAGNOSTICS
    user-missing    there is no FreedomBox user of this name
    name-invalid    the user's name cannot be told from an address
    owner-invalid   neither a FreedomBox user nor a stand-alone mailbox
"""

import re
from contextlib import suppress
from dataclasses import dataclass

from ..errors import MailError
from .accounts import User
from .entry import Entry, check_user_name
from .entry_errors import missing
from .mailbox import Mailbox
from .store import Store

_IDENTITY = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
"""An entryUUID (RFC 4530) as slapd writes it."""


@dataclass(frozen=True)
class Person:
    """A FreedomBox user with today's name and the identity that outlives it."""

    name: str
    id: str

    def __post_init__(self) -> None:
        """Refuse a name that could be taken for an address, and an invalid identity."""
        check_user_name(self.name)
        if '@' in self.name:
            raise MailError('name-invalid.user', self.name[:80])
        if not _IDENTITY.fullmatch(self.id):
            raise MailError('user-invalid.unknown')

    def owns(self, entry: Entry | None) -> bool:
        """Whether an entry is this person's, and not of an earlier one with that name."""
        return getattr(entry, 'owner_id', '') == self.id


Owner = Person | Mailbox


def where_of(owner: Owner) -> dict[str, str]:
    """The fields of an owner's entries; a person is known by the identity alone.

    Ask the owner too whether an entry found by this is owned.
    """
    return {'owner_id': owner.id} if isinstance(owner, Person) else {'owner': owner.address}


def of_account(user: User) -> Person:
    """The person a FreedomBox user is."""
    return Person(user.name, user.id)


def of_user(store: Store, name: str) -> Person:
    """The person of a user name, also of one that looks like an address."""
    return of_account(store.user(name))


def expected(store: Store, name: str, id_: str) -> Person:
    """The person of a user name, who must have this identity if there is one."""
    person = of_user(store, name)
    if id_ and person.id != id_:
        raise MailError('user-missing.someone-else', name[:80])
    return person


def of_sign_in(store: Store, address: str) -> Mailbox:
    """The stand-alone mailbox in use that signs in by itself; one that is frozen is not there."""
    mailbox = store.get(Mailbox, address)
    if not mailbox.stands_alone or not mailbox.enabled or mailbox.closed:
        raise missing(Mailbox, mailbox.address)
    return mailbox


def owner_of(store: Store, name: str, alone: bool, id_: str = '') -> Owner:
    """The owner a page is for: a stand-alone mailbox when `alone` says so, else a person."""
    return of_sign_in(store, name) if alone else expected(store, name, id_)


def of_mailbox(store: Store, mailbox: Mailbox) -> Owner:
    """The owner of a mailbox: a person, or the mailbox itself."""
    if mailbox.stands_alone:
        return mailbox
    for user in store.users():
        if user.id == mailbox.owner_id:
            return of_account(user)
    raise MailError('user-missing', mailbox.owner[:80])


def named(store: Store, text: str) -> Owner:
    """The owner an administrator names by the address of a mailbox, or else by a user name.

    Both are tried. They cannot mean two owners, because no person has a name with an @.
    """
    with suppress(MailError):
        return of_mailbox(store, store.get(Mailbox, text))
    return of_user(store, text)
