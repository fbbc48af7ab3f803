# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on stored mail: what it takes up, and deleted messages that come back.

DIAGNOSTICS
    The errors of `mailstore.content` and `mailstore.deleted_mail`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory.person import owner_of
from ..directory.store import PageStore
from ..directory.verbs import own
from ..mailstore import content, deleted_mail, domain_use


@privileged
def deleted_look(address: str) -> dict[str, Any]:
    """The messages of a mailbox that were deleted lately."""
    with PageStore() as store:
        return deleted_mail.look_at(store, address).to_json()


@privileged
def deleted_restore(address: str, uids: list[int]) -> int:
    """Restore deleted messages of a mailbox; their number."""
    with PageStore() as store:
        return deleted_mail.restore_at(store, address, uids)


@privileged
def content_of_domain(domain: str) -> dict[str, Any]:
    """The storage that the mailboxes of a domain use together."""
    with PageStore() as store:
        return domain_use.of_domain(store, domain).to_json()


@privileged
def own_content(user: str, address: str, alone: bool = False) -> dict[str, Any]:
    """The content of a user's mailbox."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
        return content.of_mailbox(store, mailbox).to_json()


@privileged
def own_deleted_look(user: str, address: str, alone: bool = False) -> dict[str, Any]:
    """The messages of a user's mailbox that were deleted lately."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
        return deleted_mail.look(mailbox).to_json()


@privileged
def own_deleted_restore(user: str, address: str, uids: list[int], alone: bool = False) -> int:
    """Restore deleted messages of a user's mailbox; their number."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
        return deleted_mail.restore(store, mailbox, uids)
