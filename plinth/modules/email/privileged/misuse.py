# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions against the misuse of a login: freezing, revoking, disowning.

DIAGNOSTICS
    The errors of `authentication.closing` and `authentication.disowning`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..authentication import closing, disowning
from ..directory.store import PageStore
from ..maintenance import login_notices


@privileged
def mailbox_freeze(address: str, sentence: str = '') -> dict[str, Any]:
    """Refuse logins to a mailbox with a sentence, and end its sessions; mail still arrives."""
    with PageStore() as store:
        return closing.freeze(store, address, sentence).to_json()


@privileged
def mailbox_unfreeze(address: str) -> dict[str, Any]:
    """Let logins to a mailbox happen again."""
    with PageStore() as store:
        return closing.unfreeze(store, address).to_json()


@privileged
def app_password_revoke(key_id: str) -> dict[str, Any]:
    """Revoke an app password of any owner, and end its sessions."""
    with PageStore() as store:
        return closing.revoke(store, None, key_id).to_json()


@privileged
def login_of_link(secret: secret_str) -> dict[str, Any]:
    """The login a link “that was not me” is for."""
    return disowning.find(secret).to_json()


@privileged
def login_disown(secret: secret_str) -> dict[str, Any]:
    """Revoke the password of a login by its link, which uses it up, and end its sessions."""
    with PageStore() as store:
        return login_notices.disown(store, secret).to_json()
