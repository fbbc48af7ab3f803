# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a FreedomBox user may do with addresses without being an administrator.

A user owns the aliases he made himself, and his mailboxes. Whatever is not his does not
exist for him: the error is the same as for an address that is not there.

DIAGNOSTICS
    alias-missing, mailbox-missing   there is none, or it is not his
    limit-reached     he has as many aliases as he may have, or may make none
    domain-missing    there is no domain in which he may make one
    And what `aliasing` and `reserved` say of the alias itself.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from ..errors import MailError
from . import aliasing, mailboxes, reserved
from .acts import act
from .alias import Alias
from .aliasing import check_free
from .domain import Domain
from .mailbox import Mailbox
from .pattern import parse_alias
from .person import Person
from .store import Store, missing
from .view import StoreView

_RANDOM_SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789'
"""Without those that look alike."""
_RANDOM_LENGTH = 10


def mailboxes_of(store: Store, person: Person) -> tuple[Mailbox, ...]:
    """Return the mailboxes of a user, the one his short name opens first."""
    found = store.search(Mailbox, where={'owner_id': person.id})
    return tuple(sorted(found, key=lambda mailbox: (not mailbox.login, mailbox.address)))


def aliases_of(store: Store, person: Person) -> tuple[Alias, ...]:
    """Return the aliases a user made."""
    return store.search(Alias, where={'owner_id': person.id, 'origin': 'user'})


def limits_of(store: Store, person: Person) -> dict[str, tuple[int, int]]:
    """Return how many aliases a user has and may have, by domain where he may have any."""
    used = [alias.domain for alias in aliases_of(store, person)]
    return {
        domain.name: (used.count(domain.name), domain.user_aliases)
        for domain in store.search(Domain)
        if domain.enabled and domain.user_aliases and not domain.alias_of
    }


def get_alias(store: Store, person: Person, text: str) -> Alias:
    """Return an alias of a user, or say that there is none."""
    alias = store.get(Alias, text)
    if alias.origin != 'user' or not person.owns(alias):
        raise missing(Alias, alias.address)
    return alias


def get_mailbox(store: Store, person: Person, text: str) -> Mailbox:
    """Return a mailbox of a user, or say that there is none."""
    mailbox = store.get(Mailbox, text)
    if not person.owns(mailbox):
        raise missing(Mailbox, mailbox.address)
    return mailbox


def main_address(store: Store, person: Person) -> str:
    """The mailbox in use in which a person gets mail."""
    for mailbox in mailboxes_of(store, person):
        if mailbox.enabled:
            return mailbox.address
    raise MailError('mailbox-missing', 'You have no mailbox. Ask your administrator.')


@act
def add_alias(
    store: Store,
    person: Person,
    address: str,
    destinations: Collection[str] = (),
    expires: datetime | None = None,
    note: str = '',
    enabled: bool = True,
) -> Alias:
    """Add an alias of a user; it leads to him, and he may send as it.

    He makes single addresses and patterns, but no catch-all and no address of a role.
    """
    if parse_alias(address.strip()).startswith('*@'):
        raise MailError('pattern-invalid', 'Add text before the *.')
    alias = aliasing.make_alias(
        address,
        list(destinations) or [main_address(store, person)],
        enabled=enabled,
        owner=person.name,
        expires=expires,
        origin='user',
        note=note,
        owner_id=person.id,
    )
    if store.find(Alias, alias.address):
        raise MailError('alias-exists', f'The address {alias.address} is already in use.')
    check_free(StoreView(store), alias.address)
    reserved.check(store, person, alias.address)
    return aliasing.add(store, alias)


@act
def add_random_alias(store: Store, person: Person, domain: str = '', note: str = '') -> Alias:
    """Add an alias of a user that nobody can guess, in a domain where he may have one more."""
    room = [name for name, (used, limit) in limits_of(store, person).items() if used < limit]
    chosen = domain or next(iter(room), '')
    if not chosen:
        raise MailError(
            'limit-reached', 'You have reached your limit of addresses. Remove one first.'
        )
    local = ''.join(secrets.choice(_RANDOM_SIGNS) for _ in range(_RANDOM_LENGTH))
    return add_alias(store, person, f'{local}@{chosen}', note=note)


@act
def change_alias(
    store: Store, /, person: Person, text: str, version: str = '', **fields: Any
) -> Alias:
    """Change single fields of an alias of a user, as `aliasing.edit` does."""
    alias = get_alias(store, person, text)
    if fields.get('enabled') and not alias.enabled:
        reserved.check(store, person, alias.address)
    return aliasing.edit(store, alias.address, version=version, **fields)


@act
def remove_alias(store: Store, person: Person, text: str, version: str = '') -> Alias:
    """Remove an alias of a user."""
    alias = get_alias(store, person, text)
    return aliasing.remove(store, alias.address, version=version)


@act
def set_forwards(
    store: Store, person: Person, text: str, destinations: Collection[str], version: str = ''
) -> Mailbox:
    """Choose where a copy of all mail of a user's mailbox goes."""
    mailbox = get_mailbox(store, person, text)
    return mailboxes.change(store, mailbox.address, forwards=destinations, version=version)
