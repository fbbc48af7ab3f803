# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mailboxes no one may log in to, and the end of sessions that are open then.

Frozen, a mailbox receives mail and refuses logins with a sentence; off, it refuses mail too. The
sessions of mail apps end at once. A connection by which mail is handed in ends at its next
recipient: the policy service looks (`sending/limits.py`).

DIAGNOSTICS
    The errors of `directory.verbs.mailboxes` and `directory.apppassword`, unchanged.
"""

from collections.abc import Collection

from ..directory import apppassword
from ..directory.apppassword import AppPassword
from ..directory.mailbox import Mailbox
from ..directory.person import Owner
from ..directory.room import AS_IT_IS, OwnRoom
from ..directory.send_limits import UNCHANGED, OwnLimits
from ..directory.store import Store
from ..directory.verbs import mailboxes, ownership
from ..errors import MailError
from . import sessions


def _opens(mailbox: Mailbox) -> bool:
    return mailbox.enabled and not mailbox.closed


def change(
    store: Store,
    text: str,
    *,
    enabled: bool | None = None,
    note: str | None = None,
    forwards: Collection[str] | None = None,
    keep_copy: bool | None = None,
    forwarding: str | None = None,
    closed: str | None = None,
    limits: OwnLimits = UNCHANGED,
    room: OwnRoom = AS_IT_IS,
    version: str = '',
) -> Mailbox:
    """Change a mailbox; when no one may log in any more, its sessions end."""
    after = mailboxes.change(
        store, text, enabled=enabled, note=note, forwards=forwards, keep_copy=keep_copy,
        forwarding=forwarding, closed=closed, limits=limits, room=room, version=version,
    )  # fmt: skip
    if not _opens(after) and (closed or enabled is False):
        sessions.end(after.address)
    return after


def freeze(store: Store, text: str, sentence: str) -> Mailbox:
    """Refuse logins to a mailbox with a sentence, and end its sessions; mail still arrives.

    A person's other mailboxes are opened by the same passwords, so they are frozen with it.
    """
    if not sentence.strip():
        raise MailError('closed-invalid')
    mailbox = store.get(Mailbox, text)
    for each in ownership.of_account(store, mailbox):
        if not each.closed or each.address == mailbox.address:
            change(store, each.address, closed=sentence)
    return store.get(Mailbox, text)


def unfreeze(store: Store, text: str) -> Mailbox:
    """Let logins to a mailbox happen again, and to those that were frozen with it."""
    mailbox = store.get(Mailbox, text)
    for each in ownership.of_account(store, mailbox):
        if each.closed == mailbox.closed:
            change(store, each.address, closed='')
    return store.get(Mailbox, text)


def revoke(store: Store, owner: Owner | None, text: str) -> AppPassword:
    """Revoke an app password, and end the sessions that use it; with an owner, one of theirs."""
    removed = apppassword.remove(store, owner, text)
    sessions.end_of_device(removed.key_id)
    return removed
