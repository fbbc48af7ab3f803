# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the mail directory.

Each opens the directory as root, has everything checked again by the code below
`directory/`, and returns plain values. Errors are `MailError`.
"""

import shutil
from pathlib import Path
from typing import Any

from freedombox.actions import privileged, secret_str

from ..directory import changes, server
from ..directory.password import hash_password
from ..directory.reconcile import reconcile as reconcile_store
from ..directory.store import Store
from ..errors import MailError

MAIL_ROOT = Path('/var/vmail')


@privileged
def directory_setup() -> None:
    """Make slapd ready for the mail directory; to be run again when daemons' users appear."""
    server.set_up(server.SCHEMA_PATH.read_text(encoding='utf-8'))


@privileged
def sync_domains(domains: list[str], primary: str | None = None) -> dict[str, Any]:
    """Follow FreedomBox's own list of domains, then bring users and roles in line."""
    with Store() as store:
        refused = changes.sync_domains(store, domains, primary or '')
        return {**reconcile_store(store), 'refused': refused}


@privileged
def reconcile() -> dict[str, Any]:
    """Bring mailboxes and role addresses in line with FreedomBox's users."""
    with Store() as store:
        return reconcile_store(store)


@privileged
def domain_add(domain: str, alias_of: str | None = None) -> dict[str, Any]:
    """Add a mail domain and the addresses it must have."""
    with Store() as store:
        added = changes.add_domain(store, domain, alias_of or '')
        reconcile_store(store)
        return added.to_json()


@privileged
def domain_remove(domain: str, force: bool = False) -> dict[str, Any]:
    """Remove a mail domain; with `force` also the addresses in it. Stored mail stays."""
    with Store() as store:
        removed = changes.remove_domain(store, domain, force)
        reconcile_store(store)
        return removed.to_json()


@privileged
def domain_set_primary(domain: str) -> dict[str, Any]:
    """Choose the domain in which every FreedomBox user gets a mailbox."""
    with Store() as store:
        changes.set_primary(store, domain)
        return reconcile_store(store)


@privileged
def operator_set(user: str | None) -> dict[str, Any]:
    """Choose who gets the mail of the role addresses; None for any administrator."""
    with Store() as store:
        changes.set_operator(store, user or '')
        return reconcile_store(store)


@privileged
def mailbox_add(
    address: str, owner: str | None = None, password: secret_str | None = None
) -> dict[str, Any]:
    """Add a mailbox of a FreedomBox user, or one with a password of its own."""
    hashed = hash_password(password) if password is not None else ''
    with Store() as store:
        return changes.add_mailbox(store, address, owner or '', hashed).to_json()


@privileged
def mailbox_set_password(address: str, password: secret_str) -> dict[str, Any]:
    """Give a stand-alone mailbox another password."""
    hashed = hash_password(password)
    with Store() as store:
        return changes.set_password(store, address, hashed).to_json()


@privileged
def mailbox_remove(address: str, delete_mail: bool = False) -> dict[str, Any]:
    """Remove a mailbox; its stored mail stays unless `delete_mail` is set."""
    with Store() as store:
        removed = changes.remove_mailbox(store, address)
    if delete_mail:
        _delete_mail(removed.address)
    return removed.to_json()


@privileged
def alias_add(address: str, destinations: list[str]) -> dict[str, Any]:
    """Add an alias, or decide who gets the mail of a role address."""
    with Store() as store:
        return changes.add_alias(store, address, destinations).to_json()


@privileged
def alias_remove(address: str) -> dict[str, Any]:
    """Remove an alias."""
    with Store() as store:
        removed = changes.remove_alias(store, address)
        reconcile_store(store)
        return removed.to_json()


def _delete_mail(address: str) -> None:
    """Delete the folder of a mailbox, never anything a symbolic link leads to."""
    local, _, domain = address.rpartition('@')
    folder = MAIL_ROOT / domain / local
    if not folder.is_dir():
        return
    if folder.resolve() != folder:
        raise MailError(
            'mail-invalid', f'The folder of {address} is a link, so its mail was not deleted.'
        )
    shutil.rmtree(folder)
