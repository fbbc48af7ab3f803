# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on members of shared mailboxes.

DIAGNOSTICS
    The errors of `directory.verbs.members` and `mailstore.rights`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory.person import owner_of
from ..directory.store import PageStore
from ..directory.verbs import members as verbs
from ..maintenance import expiry


@privileged
def members_set(address: str, members: list[str], version: str = '') -> dict[str, Any]:
    """Let a mailbox have exactly these members, each an identity and rights."""
    with PageStore() as store:
        return verbs.set_members(store, address, members, version).to_json()


@privileged
def handover_set(
    address: str, day: str, leaving: list[str], joining: list[str], version: str = ''
) -> dict[str, Any]:
    """Plan that members change on a day, all at once; '' for the day gives the plan up."""
    with PageStore() as store:
        planned = verbs.plan_handover(store, address, day, leaving, joining, version)
    return expiry.watched(planned).to_json()


@privileged
def own_membership_end(user: str, address: str, alone: bool = False) -> None:
    """Take a user or stand-alone mailbox out of a mailbox that is shared with them."""
    with PageStore() as store, store.exclusive():
        verbs.leave(store, owner_of(store, user, alone), address)
