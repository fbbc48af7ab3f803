# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on guarded mailboxes and the mail that waits beside them.

DIAGNOSTICS
    The errors of `rules.guarding`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory.guard import made_guard
from ..directory.person import owner_of
from ..directory.store import PageStore
from ..rules import guarding


@privileged
def guard_set(
    address: str,
    guardians: list[str],
    known: list[str],
    receives_known: bool,
    writes_known: bool,
    may: list[str],
    hours: list[str],
    version: str = '',
) -> dict[str, Any]:
    """Guard a mailbox by these rules, and the others of its person."""
    guard = made_guard(guardians, known, receives_known, writes_known, may, hours)
    with PageStore() as store:
        return guarding.change(store, address, guard, version).to_json()


@privileged
def guard_remove(address: str, version: str = '') -> dict[str, Any]:
    """Guard a mailbox no longer, nor the others of its person; mail that waits stays."""
    with PageStore() as store:
        return guarding.change(store, address, None, version).to_json()


@privileged
def guard_know(address: str, known: list[str]) -> dict[str, Any]:
    """Add known correspondents to a guarded mailbox."""
    with PageStore() as store:
        return guarding.know(store, address, *known).to_json()


@privileged
def own_waiting(user: str, alone: bool = False) -> list[dict[str, Any]]:
    """The waiting mail a user decides on, as a guardian or for themselves."""
    with PageStore() as store:
        found = guarding.waiting_for(store, owner_of(store, user, alone))
        return [each.to_json() for each in found]


@privileged
def own_waiting_decide(
    user: str, address: str, message: str, decision: str, alone: bool = False
) -> dict[str, Any]:
    """Approve or delete a message that waits: `once`, `know` (its author from now on), `delete`."""
    with PageStore() as store:
        owner = owner_of(store, user, alone)
        return guarding.decide_as(store, owner, address, message, decision).to_json()
