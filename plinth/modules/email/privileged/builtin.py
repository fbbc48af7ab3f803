# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions for the mail of FreedomBox's built-in email app."""

from typing import Any

from freedombox.actions import privileged

from ..migration.builtin import copy as builtin_copy
from ..migration.builtin import displace


@privileged
def carry_survey() -> dict[str, Any]:
    """Return what the built-in app holds, or say how much room a copy lacks."""
    return builtin_copy.carry_survey()


@privileged
def carry_copy(user: str) -> None:
    """Copy a user's mail as it is now, beside the mailboxes."""
    builtin_copy.carry_copy(user)


@privileged
def carry_place(user: str) -> None:
    """Copy what has changed since, and make the copy the user's mailbox."""
    builtin_copy.carry_place(user)


@privileged
def carry_addresses() -> dict[str, Any]:
    """Carry aliases over, and let domains share the addresses of the primary one."""
    return builtin_copy.carry_addresses()


@privileged
def carry_requeue() -> None:
    """Have waiting mail read again when Postfix starts; to be called while it is stopped.

    Mail that waits for an alias, or at a second domain, was taken under the rules of one app
    and would be unknown to the other if its recipients were not worked out anew.
    """
    builtin_copy.carry_requeue()


@privileged
def carry_finish() -> None:
    """Clear away what only the copying needed; mail is carried over."""
    builtin_copy.carry_finish()


@privileged
def built_in_prepare() -> None:
    """Let the built-in app's files go without harm."""
    displace.built_in_prepare()


@privileged
def built_in_remove() -> list[str]:
    """Remove what keeps the built-in app in force, once ours is in its place."""
    return displace.built_in_remove()
