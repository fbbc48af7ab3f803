# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on aliases.

DIAGNOSTICS
    The errors of `directory.verbs.aliases` and `directory.verbs.own`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory.entry import parse_time
from ..directory.person import owner_of
from ..directory.store import PageStore
from ..directory.verbs import admin, aliases, own
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
    with PageStore() as store:
        added = admin.add_alias(
            store, address, destinations, enabled=enabled, owner=owner, owner_id=owner_id,
            senders=senders or (), expires=parse_time(expires), note=note,
        )  # fmt: skip
    return expiry.watched(added).to_json()


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
    with PageStore() as store:
        changed = aliases.edit(
            store, address, destinations=destinations, enabled=enabled, senders=senders,
            expires=expires, note=note, version=version,
        )  # fmt: skip
    return expiry.watched(changed).to_json()


@privileged
def alias_remove(address: str, force: bool = False, version: str = '') -> dict[str, Any]:
    """Remove an alias; with `force` also one that others lead to."""
    with PageStore() as store:
        return admin.remove_alias(store, address, force, version).to_json()


@privileged
def catch_all_set(domain: str, destinations: list[str], version: str = '') -> dict[str, Any] | None:
    """Set the catch-all of a domain; without a destination, remove it.

    The version `none` says that no one was chosen before.
    """
    with PageStore() as store:
        changed = aliases.set_catch_all(store, domain, destinations, version)
    return changed.to_json() if changed else None


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
        added = own.add_alias(
            store, owner_of(store, user, alone, owner_id), address, destinations or (),
            parse_time(expires), note, enabled,
        )  # fmt: skip
    return expiry.watched(added).to_json()


@privileged
def own_alias_add_random(
    user: str, domain: str = '', note: str = '', alone: bool = False
) -> dict[str, Any]:
    """Add a random alias of a user."""
    with PageStore() as store, store.exclusive():
        return own.add_random_alias(store, owner_of(store, user, alone), domain, note).to_json()


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
        changed = own.change_alias(
            store, owner_of(store, user, alone), address,
            enabled=enabled, expires=expires, note=note, version=version,
        )  # fmt: skip
    return expiry.watched(changed).to_json()


@privileged
def own_alias_remove(
    user: str, address: str, version: str = '', alone: bool = False
) -> dict[str, Any]:
    """Remove an alias of a user."""
    with PageStore() as store:
        return own.remove_alias(store, owner_of(store, user, alone), address, version).to_json()
