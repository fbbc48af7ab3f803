# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decisions on possible spam in quarantine.

DIAGNOSTICS
    quarantine-invalid   there is no such decision, or a text that names no message
    list-too-long        more messages than one page has, or senders than a list
    quarantine-unproven  a sender that can't be allowed: no one knows who wrote the message
    guard-denied         the mailbox is guarded, and its user may not change its rules
    The errors of `mailstore.quarantine`, unchanged.
"""

from collections.abc import Collection

from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs import guards, spam_lists
from ..errors import MailError
from ..mailstore import quarantine
from ..mailstore.quarantine import QuarantinedMessage

DECISIONS = ('release', 'allow', 'delete')
"""Into the inbox; that, and its sender's mail from now on; deleted."""


def carry_out(store: Store, mailbox: Mailbox, id_: str, decision: str) -> QuarantinedMessage:
    """Carry out a decision on a message in quarantine."""
    if decision not in DECISIONS:
        raise MailError('quarantine-invalid')
    if decision == 'delete':
        return quarantine.delete(mailbox, id_)
    if decision == 'allow':
        _allow(store, mailbox, (quarantine.find(mailbox, id_),))
    return quarantine.release(mailbox, id_)


def _allow(store: Store, mailbox: Mailbox, messages: Collection[QuarantinedMessage]) -> None:
    """Put the senders of messages on the list of those that are always accepted."""
    authors = [each.author for each in messages]
    if not all(authors):
        raise MailError('quarantine-unproven')
    guards.check_may(mailbox, 'filters')
    spam_lists.change_lists(
        store, mailbox.address, lambda lists: lists.with_senders('allowed', authors)
    )


def carry_out_all(store: Store, mailbox: Mailbox, ids: Collection[str], decision: str) -> int:
    """Carry out a decision on several messages; the number of those that were still there."""
    if len(ids) > quarantine.MOST:
        raise MailError('list-too-long', most=quarantine.MOST)
    if decision not in DECISIONS or not all(map(quarantine.is_id, ids)):
        raise MailError('quarantine-invalid')
    if decision == 'allow':  # all of them, before the first is moved
        found = quarantine.look(mailbox).messages
        _allow(store, mailbox, [each for each in found if each.id in ids])
        decision = 'release'
    return sum(_is_carried_out(store, mailbox, id_, decision) for id_ in sorted(set(ids)))


def _is_carried_out(store: Store, mailbox: Mailbox, id_: str, decision: str) -> bool:
    try:
        carry_out(store, mailbox, id_, decision)
    except MailError as error:
        if error.code == 'quarantine-missing':
            return False
        raise
    return True
