# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a FreedomBox user may do with addresses without being an administrator.

A user owns the aliases he made himself, and his mailboxes. Whatever is not his does not
exist for him: the error is the same as for an address that is not there.

DIAGNOSTICS
    alias-missing, mailbox-missing   there is none, or it is not his
    limit-reached     he has as many aliases as he may have, or may make none
    domain-missing    there is no domain in which he may make one
    And what `aliasing` says of the alias itself.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..errors import MailError
from . import aliasing, mailboxes
from .acts import act
from .alias import Alias
from .domain import Domain
from .mailbox import Mailbox
from .pattern import parse_alias
from .store import Store, missing

_RANDOM_SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789'
"""Without those that look alike."""
_RANDOM_LENGTH = 10


def mailboxes_of(store: Store, user: str) -> tuple[Mailbox, ...]:
    """Return the mailboxes of a user, the one his short name opens first."""
    found = store.search(Mailbox, where={'owner_id': store.user(user).id})
    return tuple(sorted(found, key=lambda mailbox: (not mailbox.login, mailbox.address)))


def aliases_of(store: Store, user: str) -> tuple[Alias, ...]:
    """Return the aliases a user made."""
    return store.search(Alias, where={'owner_id': store.user(user).id, 'origin': 'user'})


def limits_of(store: Store, user: str) -> dict[str, tuple[int, int]]:
    """Return how many aliases a user has and may have, by domain where he may have any."""
    used = [alias.domain for alias in aliases_of(store, user)]
    return {
        domain.name: (used.count(domain.name), domain.user_aliases)
        for domain in store.search(Domain)
        if domain.enabled and domain.user_aliases and not domain.alias_of
    }


def _is_of(store: Store, entry: Alias | Mailbox, user: str) -> bool:
    """Tell whether an entry is of a user, and not of somebody who had this name before."""
    try:
        return bool(entry.owner_id) and entry.owner_id == store.user(user).id
    except MailError as error:
        if error.code != 'user-missing':
            raise
        return False


def get_alias(store: Store, user: str, text: str) -> Alias:
    """Return an alias of a user, or say that there is none."""
    alias = store.get(Alias, text)
    if alias.origin != 'user' or not _is_of(store, alias, user):
        raise missing(Alias, alias.address)
    return alias


def get_mailbox(store: Store, user: str, text: str) -> Mailbox:
    """Return a mailbox of a user, or say that there is none."""
    mailbox = store.get(Mailbox, text)
    if not _is_of(store, mailbox, user):
        raise missing(Mailbox, mailbox.address)
    return mailbox


def _main_address(store: Store, user: str) -> str:
    """Return the mailbox in use in which a user gets his mail."""
    for mailbox in mailboxes_of(store, user):
        if mailbox.enabled:
            return mailbox.address
    raise MailError('mailbox-missing', 'You have no mailbox. Ask your administrator.')


@act
def add_alias(
    store: Store,
    user: str,
    address: str,
    destinations: Iterable[str] = (),
    expires: datetime | None = None,
    note: str = '',
) -> Alias:
    """Add an alias of a user; it leads to him, and he may send as it.

    He makes single addresses and patterns, but no catch-all and no address of a role.
    """
    if parse_alias(address.strip()).startswith('*@'):
        raise MailError('pattern-invalid', 'Something must stand before the star.')
    alias = aliasing.make_alias(
        address,
        list(destinations) or [_main_address(store, user)],
        owner=user,
        expires=expires,
        origin='user',
        note=note,
        owner_id=store.user(user).id,
    )
    if store.find(Alias, alias.address):
        raise MailError('alias-exists', f'The address {alias.address} is taken already.')
    return aliasing.add(store, alias)


@act
def add_random_alias(store: Store, user: str, domain: str = '', note: str = '') -> Alias:
    """Add an alias of a user that nobody can guess, in a domain where he may have one more."""
    room = [name for name, (used, limit) in limits_of(store, user).items() if used < limit]
    chosen = domain or next(iter(room), '')
    if not chosen:
        raise MailError('limit-reached', 'You may not make more addresses of your own.')
    local = ''.join(secrets.choice(_RANDOM_SIGNS) for _ in range(_RANDOM_LENGTH))
    return add_alias(store, user, f'{local}@{chosen}', note=note)


@act
def change_alias(store: Store, /, user: str, text: str, version: str = '', **fields: Any) -> Alias:
    """Change single fields of an alias of a user, as `aliasing.edit` does."""
    alias = get_alias(store, user, text)
    return aliasing.edit(store, alias.address, version=version, **fields)


@act
def remove_alias(store: Store, user: str, text: str, version: str = '') -> Alias:
    """Remove an alias of a user."""
    alias = get_alias(store, user, text)
    return aliasing.remove(store, alias.address, version=version)


@act
def set_forwards(
    store: Store, user: str, text: str, destinations: Iterable[str], version: str = ''
) -> Mailbox:
    """Choose where a copy of all mail of a user's mailbox goes."""
    mailbox = get_mailbox(store, user, text)
    return mailboxes.change(store, mailbox.address, forwards=destinations, version=version)
