# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on app passwords.

DIAGNOSTICS
    The errors of `authentication.device_passwords` and `directory.apppassword`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..authentication import device_passwords
from ..directory import apppassword
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
    """Revoke an app password of a user."""
    with PageStore() as store:
        return apppassword.remove(store, owner_of(store, user, alone), key_id).to_json()
