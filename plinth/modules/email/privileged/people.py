# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on mailboxes, their passwords and the mail in them.

DIAGNOSTICS
    The errors of `directory.verbs.mailboxes`, `directory.password` and `mailstore`, unchanged.
"""

from dataclasses import asdict
from typing import Any

from freedombox.actions import privileged, secret_str

from ..directory.address import parse_own
from ..directory.mailbox import Mailbox
from ..directory.password import hash_password
from ..directory.person import owner_of
from ..directory.store import PageStore
from ..directory.verbs import mailboxes, own
from ..mailstore import content, kept_mail
from ..maintenance.password_link import password_link


@privileged
def mailbox_add(
    address: str,
    owner: str | None = None,
    password: secret_str | None = None,
    take_over_mail: bool = False,
    note: str = '',
) -> dict[str, Any]:
    """Add a mailbox of a FreedomBox user, or one with a password of its own.

    Mail of an earlier mailbox with this address is kept from it unless `take_over_mail` is set.
    """
    own = str(parse_own(address.strip()))  # before the work of hashing
    hashed = hash_password(password, address) if password is not None else ''
    with PageStore() as store, store.exclusive():
        added = mailboxes.add(store, own, owner or '', hashed, note)
        if take_over_mail and kept_mail.has(own):
            kept_mail.give(store, own)
        return added.to_json()


@privileged
def mailbox_change(
    address: str,
    enabled: bool | None = None,
    note: str | None = None,
    forwards: list[str] | None = None,
    version: str = '',
) -> dict[str, Any]:
    """Switch a mailbox on or off, change its note or where its mail also goes."""
    with PageStore() as store, store.exclusive():
        changed = mailboxes.change(
            store, address, enabled=enabled, note=note, forwards=forwards, version=version
        )
        return store.get(Mailbox, changed.address).to_json()


@privileged
def own_mailbox_forward(
    user: str, address: str, destinations: list[str], version: str = '', alone: bool = False
) -> dict[str, Any]:
    """Choose where a copy of the mail of a user's mailbox goes."""
    with PageStore() as store, store.exclusive():
        owner = owner_of(store, user, alone)
        changed = own.set_forwards(store, owner, address, destinations, version)
        return store.get(Mailbox, changed.address).to_json()


@privileged
def mailbox_set_password(address: str, password: secret_str) -> dict[str, Any]:
    """Give a stand-alone mailbox another password."""
    parse_own(address)  # before the work of hashing
    hashed = hash_password(password, address)
    with PageStore() as store:
        return mailboxes.set_password(store, address, hashed).to_json()


@privileged
def mailbox_change_password(
    address: str, old_password: secret_str, new_password: secret_str
) -> dict[str, Any]:
    """Change the password of a stand-alone mailbox, given the present one."""
    with PageStore() as store:
        return mailboxes.change_password(store, address, old_password, new_password).to_json()


@privileged
def mailbox_sign_in(address: str, password: secret_str) -> dict[str, str]:
    """The stand-alone mailbox a password opens, and the mark its session needs."""
    with PageStore() as store:
        mailbox = mailboxes.opened_by(store, address, password)
        return {'address': mailbox.address, 'mark': mailboxes.session_mark(store, mailbox)}


@privileged
def mailbox_signed_in(address: str, mark: str) -> str:
    """The address of a session that has not ended."""
    with PageStore() as store:
        return mailboxes.check_session(store, address, mark).address


@privileged
def mailbox_reset_start(address: str, hours: int = mailboxes.RESET_HOURS) -> dict[str, str]:
    """The link by which a new password can be chosen once, and the secret in it."""
    with PageStore() as store:
        secret, expires = mailboxes.start_reset(store, address, hours)
        link = password_link(store, str(parse_own(address)), secret)
    return {'link': link, 'secret': secret, 'expires': expires.isoformat()}


@privileged
def mailbox_reset_address(secret: secret_str) -> str:
    """The address a link is for."""
    with PageStore() as store:
        return mailboxes.find_reset(store, secret).address


@privileged
def mailbox_reset_finish(secret: secret_str, password: secret_str) -> dict[str, Any]:
    """Choose a new password by a link, which uses it up."""
    with PageStore() as store:
        address = mailboxes.find_reset(store, secret).address  # before the work of hashing
        hashed = hash_password(password, address)
        return mailboxes.finish_reset(store, secret, hashed).to_json()


@privileged
def mailbox_remove(
    address: str, delete_mail: bool = False, force: bool = False, version: str = ''
) -> dict[str, Any]:
    """Remove a mailbox; its stored mail stays unless `delete_mail` is set."""
    with PageStore() as store, store.exclusive():
        removed = mailboxes.remove(store, address, force, version)
        kept_mail.leave(removed, delete_mail)
    return removed.to_json()


@privileged
def mailbox_content(address: str) -> dict[str, Any]:
    """The content of a mailbox, and its last login."""
    with PageStore() as store:
        return asdict(content.content(store.get(Mailbox, address)))


@privileged
def mail_kept() -> list[dict[str, Any]]:
    """The stored mail that belongs to no mailbox, and since when."""
    with PageStore() as store:
        return [asdict(each) for each in kept_mail.kept(store)]


@privileged
def mail_give(which: str) -> str:
    """Give kept mail, by its identifier or address, to the mailbox with that address today."""
    with PageStore() as store:
        return kept_mail.give(store, which)


@privileged
def mail_delete(which: str) -> str:
    """Delete mail that belongs to no mailbox, by its identifier or address."""
    with PageStore() as store:
        return kept_mail.delete_kept(store, which)
