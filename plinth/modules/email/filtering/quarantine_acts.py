# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decisions on possible spam in quarantine.

DIAGNOSTICS
    quarantine-invalid   there is no such decision, or a text that names no message
    list-too-long        more messages than one page has
    The errors of `mailstore.quarantine`, unchanged.
"""

from collections.abc import Collection

from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..mailstore import quarantine
from ..mailstore.quarantine import QuarantinedMessage

DECISIONS = ('release', 'delete')
"""Into the inbox, or deleted."""


def carry_out(_store: Store, mailbox: Mailbox, id_: str, decision: str) -> QuarantinedMessage:
    """Carry out a decision on a message in quarantine."""
    if decision == 'delete':
        return quarantine.delete(mailbox, id_)
    if decision != 'release':
        raise MailError('quarantine-invalid')
    return quarantine.release(mailbox, id_)


def carry_out_all(store: Store, mailbox: Mailbox, ids: Collection[str], decision: str) -> int:
    """Carry out a decision on several messages; the number of those that were still there."""
    if len(ids) > quarantine.MOST:
        raise MailError('list-too-long', most=quarantine.MOST)
    if decision not in DECISIONS or not all(map(quarantine.is_id, ids)):
        raise MailError('quarantine-invalid')
    return sum(_is_carried_out(store, mailbox, id_, decision) for id_ in sorted(set(ids)))


def _is_carried_out(store: Store, mailbox: Mailbox, id_: str, decision: str) -> bool:
    try:
        carry_out(store, mailbox, id_, decision)
    except MailError as error:
        if error.code == 'quarantine-missing':
            return False
        raise
    return True
