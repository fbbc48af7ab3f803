# SPDX-License-Identifier: AGPL-3.0-or-later
"""Guarded mailboxes: their rules put in force, and decisions on mail that waits.

The scripts are put in place by the act that changes the directory (`guard_scripts.placing`).

DIAGNOSTICS
    waiting-unproven   the author of a message is not proven, so no later one would be known
    The errors of `directory.verbs.guards`, `guard_scripts` and `mailstore.waiting`, unchanged.
"""

from typing import Literal

from ..directory.guard import Guard
from ..directory.mailbox import Mailbox
from ..directory.person import Owner
from ..directory.store import Store
from ..directory.verbs import guards
from ..errors import MailError
from ..mailstore import waiting
from ..mailstore.waiting import WaitingMail, WaitingMessage
from .hours import keep_hours

Decision = Literal['once', 'know', 'delete']
"""Approve a message, approve it and know its author from now on, or delete it."""
DECISIONS: tuple[Decision, ...] = ('once', 'know', 'delete')


def change(store: Store, text: str, guard: Guard | None, version: str = '') -> Mailbox:
    """Guard a mailbox by these rules, or no longer."""
    if guard is None:
        changed = guards.remove_guard(store, text, version)
    else:
        changed = guards.set_guard(store, text, guard, version)
    keep_hours(store, changed)
    return store.get(Mailbox, text)


def know(store: Store, text: str, *addresses: str) -> Mailbox:
    """Add known correspondents to a guarded mailbox."""
    guards.know(store, text, *addresses)
    return store.get(Mailbox, text)


def waiting_for(store: Store, owner: Owner) -> tuple[WaitingMail, ...]:
    """The waiting mail an owner decides on."""
    return tuple(map(waiting.look, guards.decided_by(store, owner)))


def decide(store: Store, mailbox: Mailbox, id_: str, decision: str) -> WaitingMessage:
    """Carry out a decision on a message that waits."""
    if decision == 'delete':
        return waiting.delete(mailbox, id_)
    if decision == 'know':
        author = waiting.find(mailbox, id_).author
        if not author:
            raise MailError('waiting-unproven')
        know(store, mailbox.address, author)
    elif decision != 'once':
        raise MailError('guard-invalid', decision[:80])
    return waiting.approve(mailbox, id_)


def decide_as(store: Store, owner: Owner, text: str, id_: str, decision: str) -> WaitingMessage:
    """Carry out the decision of an owner, who must be allowed to."""
    return decide(store, guards.decidable(store, owner, text), id_, decision)
