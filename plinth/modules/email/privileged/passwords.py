# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on app passwords.

DIAGNOSTICS
    The errors of `authentication.device_passwords`, `clients.device_profiles` and
    `directory.apppassword`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..authentication import alias_keys, closing, device_passwords
from ..clients import device_profiles
from ..directory.person import owner_of
from ..directory.store import PageStore


@privileged
def own_app_password_add(
    user: str, label: str, password: secret_str, alone: bool = False
) -> dict[str, Any]:
    """Make an app password, given the present password of the user.

    With `alone` the user is a stand-alone mailbox, and the password that of the mailbox.
    """
    with PageStore() as store:
        owner = owner_of(store, user, alone)
        return device_passwords.make_for(store, owner, label, password).to_json()


@privileged
def own_app_password_remove(user: str, key_id: str, alone: bool = False) -> dict[str, Any]:
    """Revoke an app password of a user, and end the sessions that use it."""
    with PageStore() as store:
        return closing.revoke(store, owner_of(store, user, alone), key_id).to_json()


@privileged
def own_alias_key_add(
    user: str, label: str, password: secret_str, alone: bool = False
) -> dict[str, Any]:
    """Make a key for a password manager of a user, given the user's present password.

    With `alone` the user is a stand-alone mailbox, and the password that of the mailbox.
    """
    with PageStore() as store:
        owner = owner_of(store, user, alone)
        return alias_keys.make_for(store, owner, label, password).to_json()


@privileged
def alias_by_key(key: secret_str, domain: str = '', note: str = '') -> dict[str, Any]:
    """Add a random alias for the owner of a key."""
    with PageStore() as store, store.exclusive():
        return alias_keys.add_alias(store, key, domain, note).to_json()


@privileged
def own_profile_link(
    user: str, label: str, password: secret_str, alone: bool = False
) -> dict[str, Any]:
    """Make the link by which a device of a user fetches its profile once.

    With `alone` the user is a stand-alone mailbox, and the password that of the mailbox.
    """
    with PageStore() as store:
        owner = owner_of(store, user, alone)
        return device_profiles.make(store, owner, label, password).to_json()


@privileged
def profile_of_link(secret: secret_str) -> dict[str, Any]:
    """The device a link to a profile is for."""
    return device_profiles.find(secret).to_json()


@privileged
def profile_fetch(secret: secret_str) -> dict[str, Any]:
    """The profile of a link, which is used up, with a new app password in it."""
    with PageStore() as store:
        return device_profiles.fetch(store, secret).to_json()
