# SPDX-License-Identifier: AGPL-3.0-or-later
"""Acts on mailboxes and domains that concern stored mail too: whose it is, kept or deleted.

DIAGNOSTICS
    The errors of `directory.verbs`, `directory.password`, `aside` and `kept_mail`, unchanged.
"""

from ..config.guarded import scripts_of
from ..directory.address import parse_domain, parse_own
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.password import hash_password
from ..directory.store import Store
from ..directory.verbs import domains, mailboxes
from ..directory.verbs.reconcile import reconcile
from . import kept_mail


def add_mailbox(
    store: Store,
    text: str,
    *,
    owner: str = '',
    password: str | None = None,
    take_over_mail: bool = False,
    note: str = '',
) -> Mailbox:
    """Add a mailbox of a FreedomBox user, or one with a password of its own.

    Mail of an earlier mailbox with this address is kept from it unless `take_over_mail` is set.
    """
    address = str(parse_own(text.strip()))  # before the work of hashing
    hashed = hash_password(password, text) if password is not None else ''
    with store.exclusive():
        added = mailboxes.add(store, address, owner, hashed, note)
        if take_over_mail and kept_mail.has(address):
            kept_mail.give(store, address)
    return added


def remove_mailbox(
    store: Store, text: str, delete_mail: bool = False, force: bool = False, version: str = ''
) -> Mailbox:
    """Remove a mailbox; its stored mail stays unless `delete_mail` is set."""
    with store.exclusive():
        removed = mailboxes.remove(store, text, force, version)
        kept_mail.leave(removed, delete_mail)
    for path in scripts_of(removed.address):  # another mailbox may get the address
        path.unlink(missing_ok=True)
    return removed


def remove_domain(store: Store, text: str, force: bool = False, version: str = '') -> Domain:
    """Remove a mail domain; with `force` also the addresses in it. Stored mail stays."""
    with store.exclusive():
        losing = store.in_domain(Mailbox, parse_domain(text))
        removed = domains.remove_domain(store, text, force, version)
        for mailbox in losing:
            kept_mail.leave(mailbox)
        reconcile(store)
    return removed
