# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions for the mail of FreedomBox's built-in email app."""

from typing import Any

from freedombox.actions import privileged

from ..migration.builtin import copy as copying
from ..migration.builtin import displace


@privileged
def builtin_survey() -> dict[str, Any]:
    """A survey of the built-in app's mail; MailError where a copy lacks room."""
    return copying.builtin_survey().to_json()


@privileged
def builtin_copy(user: str) -> None:
    """Copy a user's mail as it is now, beside the mailboxes."""
    copying.builtin_copy(user)


@privileged
def builtin_place(user: str) -> None:
    """Copy the changes since, and make the copy the user's mailbox."""
    copying.builtin_place(user)


@privileged
def builtin_addresses() -> dict[str, Any]:
    """Carry aliases over, and let domains share the addresses of the primary one."""
    return copying.builtin_addresses().to_json()


@privileged
def builtin_requeue() -> None:
    """Have waiting mail read again when Postfix starts; to be called while it is stopped.

    Mail that waits for an alias, or at a second domain, was taken under the rules of one app
    and would be unknown to the other if its recipients were not worked out anew.
    """
    copying.builtin_requeue()


@privileged
def builtin_finish() -> None:
    """Clear away files of the copying; the mail is in place."""
    copying.builtin_finish()


@privileged
def builtin_prepare() -> None:
    """Let the built-in app's files go without harm."""
    displace.builtin_prepare()


@privileged
def builtin_remove() -> list[str]:
    """Remove links and lines that keep the built-in app in force, once ours is in its place."""
    return displace.builtin_remove()
