# SPDX-License-Identifier: AGPL-3.0-or-later
"""Acts of an owner on addresses, without the rights of an administrator.

A FreedomBox user owns the aliases they made, and their mailboxes; a stand-alone mailbox owns
itself and the aliases it made. Any other entry does not exist for them: the error is the same
as for an address that is not there.

DIAGNOSTICS
    alias-missing, mailbox-missing   there is none, or it is not theirs
    limit-reached     the user has as many aliases as they may have, or may make none
    domain-missing    there is no domain in which they may make one
    guard-denied      their mailbox is guarded, and may not be forwarded
    And the errors of `aliases` and `reserved` about the alias itself.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from ...errors import MailError
from ..acts import act
from ..alias import Alias
from ..domain import Domain
from ..entry_errors import missing
from ..mailbox import Mailbox
from ..pattern import parse_alias
from ..person import Owner, Person, where_of
from ..store import Store, storing
from ..view import StoreView
from . import aliases, guards, mailboxes, reserved
from .aliases import check_free
from .ownership import mailboxes_of as mailboxes_of

_RANDOM_SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789'
"""Without those that look alike."""
_RANDOM_LENGTH = 10


def aliases_of(store: Store, owner: Owner) -> tuple[Alias, ...]:
    """The aliases an owner made."""
    found = store.search(Alias, where={**where_of(owner), 'origin': 'user'})
    return tuple(alias for alias in found if owner.owns(alias))


def limits_of(store: Store, owner: Owner) -> dict[str, tuple[int, int]]:
    """Numbers of aliases a user has and may have, by domain where they may have any."""
    used = [alias.domain for alias in aliases_of(store, owner)]
    return {
        domain.name: (used.count(domain.name), domain.user_aliases)
        for domain in store.search(Domain)
        if domain.enabled and domain.user_aliases and not domain.alias_of
    }


def get_alias(store: Store, owner: Owner, text: str) -> Alias:
    """An alias of a user, or say that there is none."""
    alias = store.get(Alias, text)
    if alias.origin != 'user' or not owner.owns(alias):
        raise missing(Alias, alias.address)
    return alias


def get_mailbox(store: Store, owner: Owner, text: str) -> Mailbox:
    """A mailbox of a user, or say that there is none."""
    mailbox = store.get(Mailbox, text)
    if not owner.owns(mailbox):
        raise missing(Mailbox, mailbox.address)
    return mailbox


def main_address(store: Store, owner: Owner) -> str:
    """The mailbox in use in which a person gets mail."""
    for mailbox in mailboxes_of(store, owner):
        if mailbox.enabled:
            return mailbox.address
    raise MailError('mailbox-missing')


def _ownership(owner: Owner) -> dict[str, Any]:
    """The fields of an alias that name its owner, who may send as it.

    For a person that follows from the identity; a stand-alone mailbox is named as a sender.
    """
    if isinstance(owner, Person):
        return {'owner': owner.name, 'owner_id': owner.id}
    return {'owner': owner.address, 'senders': (owner.address,)}


@storing
def add_alias(
    store: Store,
    owner: Owner,
    address: str,
    destinations: Collection[str] = (),
    expires: datetime | None = None,
    note: str = '',
    enabled: bool = True,
) -> Alias:
    """Add an alias of a user; it leads to them, and they may send as it.

    They make single addresses and patterns, but no catch-all and no address of a role.
    """
    if parse_alias(address.strip()).startswith('*@'):
        raise MailError('pattern-invalid')
    if destinations:
        guards.check_all_may(store, owner, 'forwards')
    alias = aliases.make_alias(
        address,
        list(destinations) or [main_address(store, owner)],
        enabled=enabled,
        expires=expires,
        origin='user',
        note=note,
        **_ownership(owner),
    )
    if store.find(Alias, alias.address):
        raise MailError('alias-exists.address-used', address=alias.address)
    check_free(StoreView(store), alias.address)
    reserved.check(store, owner, alias.address)
    return aliases.add(store, alias)


@storing
def add_random_alias(store: Store, owner: Owner, domain: str = '', note: str = '') -> Alias:
    """Add an alias of a user that cannot be guessed, in a domain where they may have one more."""
    room = [name for name, (used, limit) in limits_of(store, owner).items() if used < limit]
    chosen = domain or next(iter(room), '')
    if not chosen:
        raise MailError('limit-reached')
    local = ''.join(secrets.choice(_RANDOM_SIGNS) for _ in range(_RANDOM_LENGTH))
    return add_alias(store, owner, f'{local}@{chosen}', note=note)


@storing
def change_alias(
    store: Store,
    owner: Owner,
    text: str,
    *,
    enabled: bool | None = None,
    expires: str | None = None,
    note: str | None = None,
    version: str = '',
) -> Alias:
    """Change single fields of an alias of a user, as `aliases.edit` does."""
    alias = get_alias(store, owner, text)
    if enabled and not alias.enabled:
        reserved.check(store, owner, alias.address)
    return aliases.edit(
        store, alias.address, enabled=enabled, expires=expires, note=note, version=version
    )


@act
def remove_alias(store: Store, owner: Owner, text: str, version: str = '') -> Alias:
    """Remove an alias of a user."""
    alias = get_alias(store, owner, text)
    return aliases.remove(store, alias.address, version=version)


@storing
def set_forwards(
    store: Store,
    owner: Owner,
    text: str,
    destinations: Collection[str],
    version: str = '',
    keep_copy: bool | None = None,
) -> Mailbox:
    """Choose where all mail of a user's mailbox goes, and whether a copy stays."""
    mailbox = get_mailbox(store, owner, text)
    guards.check_may(mailbox, 'forwards')
    return mailboxes.change(
        store, mailbox.address, forwards=destinations, keep_copy=keep_copy, version=version
    )
