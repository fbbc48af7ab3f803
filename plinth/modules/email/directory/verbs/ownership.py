# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mailboxes of an owner, and those that the passwords of one open."""

from contextlib import suppress

from ...errors import MailError
from ..mailbox import Mailbox
from ..person import Owner, Person, of_mailbox
from ..store import Store


def mailboxes_of(store: Store, owner: Owner) -> tuple[Mailbox, ...]:
    """The mailboxes of an owner, the one a user's short name opens first."""
    key = 'owner_id' if isinstance(owner, Person) else 'address'
    wanted = owner.id if isinstance(owner, Person) else owner.address
    found = store.search(Mailbox, where={key: wanted})
    own = (mailbox for mailbox in found if owner.owns(mailbox))
    return tuple(sorted(own, key=lambda mailbox: (not mailbox.login, mailbox.address)))


def of_account(store: Store, mailbox: Mailbox) -> tuple[Mailbox, ...]:
    """The mailboxes that the passwords of one open: all of a person's, else that one."""
    with suppress(MailError):  # its user is gone
        return mailboxes_of(store, of_mailbox(store, mailbox)) or (mailbox,)
    return (mailbox,)
