# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on aliases.

DIAGNOSTICS
    The errors of `directory.verbs.aliases` and `directory.verbs.own`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory.alias import Alias
from ..directory.entry import parse_time
from ..directory.person import expected, owner_of
from ..directory.store import PageStore
from ..directory.verbs import aliases, own
from ..directory.verbs.reconcile import reconcile as reconcile_store
from ..maintenance import expiry


@privileged
def alias_add(
    address: str,
    destinations: list[str],
    enabled: bool = True,
    owner: str = '',
    senders: list[str] | None = None,
    expires: str | None = None,
    note: str = '',
    owner_id: str = '',
) -> dict[str, Any]:
    """Add an alias or a pattern, or decide who gets the mail of a role address.

    With `owner_id` the owner must be just this person, and not another one of that name.
    """
    with PageStore() as store, store.exclusive():
        alias = aliases.make_alias(
            address,
            destinations,
            enabled=enabled,
            owner=owner,
            senders=senders or (),
            expires=parse_time(expires),
            note=note,
            owner_id=expected(store, owner, owner_id).id if owner else '',
        )
        aliases.add(store, alias)
        added = store.get(Alias, alias.address)
    expiry.expect(added.expires)
    return added.to_json()


@privileged
def alias_change(
    address: str,
    destinations: list[str] | None = None,
    enabled: bool | None = None,
    senders: list[str] | None = None,
    expires: str | None = None,
    note: str | None = None,
    version: str = '',
) -> dict[str, Any]:
    """Change an alias; None leaves a thing as it is, and '' for `expires` means for ever."""
    with PageStore() as store, store.exclusive():
        aliases.edit(
            store,
            address,
            version=version,
            destinations=destinations,
            enabled=enabled,
            senders=senders,
            note=note,
            **({} if expires is None else {'expires': parse_time(expires)}),
        )
        changed = store.get(Alias, address)
    expiry.expect(changed.expires)
    return changed.to_json()


@privileged
def alias_remove(address: str, force: bool = False, version: str = '') -> dict[str, Any]:
    """Remove an alias; with `force` also one that others lead to."""
    with PageStore() as store, store.exclusive():
        removed = aliases.remove(store, address, force, version)
        reconcile_store(store)
        return removed.to_json()


@privileged
def catch_all_set(domain: str, destinations: list[str], version: str = '') -> dict[str, Any]:
    """Set the catch-all of a domain; without a destination, remove it.

    The version `none` says that no one was chosen before.
    """
    with PageStore() as store, store.exclusive():
        changed = aliases.set_catch_all(store, domain, destinations, version)
        return store.get(Alias, changed.address).to_json() if changed else {}


@privileged
def own_alias_add(
    user: str,
    address: str,
    destinations: list[str] | None = None,
    expires: str | None = None,
    note: str = '',
    enabled: bool = True,
    owner_id: str = '',
    alone: bool = False,
) -> dict[str, Any]:
    """Add an alias of a user, to their own mailbox where nothing else is said.

    With `owner_id` the user must be just this person, and not another one of that name. With
    `alone` the user is a stand-alone mailbox, named by its address, here and below.
    """
    with PageStore() as store, store.exclusive():
        owner = owner_of(store, user, alone, owner_id)
        made = own.add_alias(
            store, owner, address, destinations or (), parse_time(expires), note, enabled
        )
        added = store.get(Alias, made.address)
    expiry.expect(added.expires)
    return added.to_json()


@privileged
def own_alias_add_random(
    user: str, domain: str = '', note: str = '', alone: bool = False
) -> dict[str, Any]:
    """Add a random alias of a user."""
    with PageStore() as store, store.exclusive():
        made = own.add_random_alias(store, owner_of(store, user, alone), domain, note)
        return store.get(Alias, made.address).to_json()


@privileged
def own_alias_change(
    user: str,
    address: str,
    enabled: bool | None = None,
    expires: str | None = None,
    note: str | None = None,
    version: str = '',
    alone: bool = False,
) -> dict[str, Any]:
    """Change an alias of a user; None leaves a thing as it is."""
    with PageStore() as store, store.exclusive():
        own.change_alias(
            store,
            owner_of(store, user, alone),
            address,
            version,
            enabled=enabled,
            note=note,
            **({} if expires is None else {'expires': parse_time(expires)}),
        )
        changed = store.get(Alias, address)
    expiry.expect(changed.expires)
    return changed.to_json()


@privileged
def own_alias_remove(
    user: str, address: str, version: str = '', alone: bool = False
) -> dict[str, Any]:
    """Remove an alias of a user."""
    with PageStore() as store:
        return own.remove_alias(store, owner_of(store, user, alone), address, version).to_json()
