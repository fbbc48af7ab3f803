# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on passwords for devices.

DIAGNOSTICS
    What `directory.apppassword` says, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory import apppassword
from ..directory.store import Store


@privileged
def app_password_add(owner: str, label: str) -> dict[str, Any]:
    """Make a password for a device of a user or mailbox; it is told this once only."""
    with Store() as store:
        password = apppassword.add(store, owner, label)
        made = store.get(apppassword.AppPassword, password)
    return {**made.to_json(), 'password': password}


@privileged
def app_password_remove(key_id: str, owner: str = '') -> dict[str, Any]:
    """Revoke a password for a device; with an owner only one of his."""
    with Store() as store:
        return apppassword.remove(store, owner, key_id).to_json()
