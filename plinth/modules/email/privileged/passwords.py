# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on app passwords, and the verbs of the command on them.

Everything the web process says could be forged, also whose page it is serving. So it makes an
app password only with the person's own present password, which is tried here. Without one
only root itself makes any, by the command.

DIAGNOSTICS
    login-invalid    the present password is wrong, or the account is locked
    And what `directory.apppassword` and `directory.person` say, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..directory import apppassword
from ..directory.person import Owner, Person, named, owner_of
from ..directory.store import PageStore, Store
from ..directory.verbs import own
from ..errors import MailError
from ..sending import password_notice


@privileged
def own_app_password_add(
    user: str, label: str, password: secret_str, alone: bool = False
) -> dict[str, Any]:
    """Make an app password, given the present password of the user.

    With `alone` the user is a stand-alone mailbox, and the password that of the mailbox.
    """
    with PageStore() as store:
        owner = owner_of(store, user, alone)
        if not _fits(store, owner, password):
            whose = 'account' if isinstance(owner, Person) else 'mailbox'
            raise MailError(f'login-invalid.{whose}')
        own.main_address(store, owner)
        return _made(store, owner, label)


def _fits(store: Store, owner: Owner, password: str) -> bool:
    """Whether a password is the present one of an owner."""
    if isinstance(owner, Person):
        return store.account_password_fits(store.user(owner.name), password)
    return store.password_fits(owner.address, password)


@privileged
def own_app_password_remove(user: str, key_id: str, alone: bool = False) -> dict[str, Any]:
    """Revoke an app password of a user."""
    with PageStore() as store:
        return apppassword.remove(store, owner_of(store, user, alone), key_id).to_json()


def app_password_add(owner: str, label: str) -> dict[str, Any]:
    """Make an app password of a user or a stand-alone mailbox; no action, so only for root."""
    with PageStore() as store:
        return _made(store, named(store, owner), label)


def app_password_remove(key_id: str) -> dict[str, Any]:
    """Revoke any app password; no action, so only for root."""
    with PageStore() as store:
        return apppassword.remove(store, None, key_id).to_json()


def _made(store: Store, owner: Owner, label: str) -> dict[str, Any]:
    """Make an app password, which is returned this once only, and tell its owner if it can be."""
    made, password = apppassword.add(store, owner, label)
    told = password_notice.tell(store, owner, made)
    return {**made.to_json(), 'password': password, 'told': told}
