# SPDX-License-Identifier: AGPL-3.0-or-later
"""Acts on messages in the queue: try now, hold, release, return to the sender, delete.

Each chooses its messages again, whatever a page has shown. What loses mail needs the number of
messages a person has confirmed, and is refused as a whole when there are more.

DIAGNOSTICS
    queued-missing    no message is meant (any more)
    queue-changed     more messages are meant than were confirmed
    queue-failed      Postfix did not do it; its own words are the detail
"""

import logging
from collections.abc import Collection

from ..errors import MailError
from ..sending import held_notes, queue_moves
from ..sending.held_notes import DROPPED, RELEASED
from ..sending.queue_moves import Move
from . import queue
from .queue_entry import QueueEntry, QueueFilter, Which

MOST_CONFIRMED = 10_000_000
_QUEUES: dict[Which, tuple[str, ...]] = {
    'moving': ('incoming', 'active', 'deferred'),
    'deferred': ('deferred',),
    'held': ('hold',),
}
"""Where a message has to be still; Postfix's own choice where all are meant."""

logger = logging.getLogger(__name__)


def _meant(wanted: QueueFilter) -> tuple[QueueEntry, ...]:
    """The messages that are meant, at least one."""
    found = queue.chosen(wanted)
    if not found and len(wanted.ids) == 1:
        raise MailError('queued-missing', name=next(iter(wanted.ids)))
    if not found:
        raise MailError('queued-missing.none')
    return found


def _confirmed(wanted: QueueFilter, count: int) -> tuple[QueueEntry, ...]:
    """The messages that are meant, no more of them than a person has confirmed."""
    if not 0 <= count <= MOST_CONFIRMED:
        raise MailError('queue-filter-invalid')
    found = _meant(wanted)
    if len(found) > count:
        raise MailError('queue-changed', count=len(found), confirmed=count)
    return found


def _names(entries: Collection[QueueEntry], *, held: bool | None = None) -> list[str]:
    """The names of messages, of those on hold or not if that is asked for."""
    return [each.id for each in entries if held is None or each.is_held is held]


def _move(option: Move, entries: Collection[QueueEntry], wanted: QueueFilter) -> int:
    """Move messages, and log it; how many Postfix has moved."""
    count = queue_moves.move(option, _names(entries), *_QUEUES.get(wanted.which, ()))
    logger.info('Moved messages in the queue (postsuper %s): %d', option, count)
    return count


def _settle(entries: Collection[QueueEntry], to: str) -> None:
    """Leave the notes of mail that was on hold over a limit to the service that counts."""
    notes = held_notes.held()
    noted = [name for name in _names(entries, held=True) if name in notes]
    if noted:
        held_notes.move(noted, to)


def retry(wanted: QueueFilter) -> int:
    """Have messages tried now; those on hold stay there. How many there are."""
    names = _names(_meant(wanted) if wanted.ids else queue.chosen(wanted), held=False)
    if names:
        queue_moves.try_now(names)
    return len(names)


def hold(wanted: QueueFilter) -> int:
    """Keep messages from being delivered until they are released."""
    found = [each for each in _meant(wanted) if not each.is_held]
    if not found:
        raise MailError('queued-missing.none')
    return _move('-h', found, wanted)


def release(wanted: QueueFilter) -> int:
    """Let messages on hold go out, and try them now."""
    found = [each for each in _meant(wanted) if each.is_held]
    if not found:
        raise MailError('queued-missing.none')
    count = _move('-H', found, wanted)
    _settle(found, RELEASED)
    queue_moves.try_now(_names(found))
    return count


def bounce(wanted: QueueFilter, count: int) -> int:
    """Have messages returned to their senders with the last answer, also those on hold.

    Postfix returns a message that is expired when it tries it; one without a sender is deleted.
    """
    found = _confirmed(wanted, count)
    done = _move('-f', found, wanted)
    _settle(found, DROPPED)
    queue_moves.try_now(_names(found))
    return done


def delete(wanted: QueueFilter, count: int) -> int:
    """Delete messages; their senders are not told."""
    found = _confirmed(wanted, count)
    done = _move('-d', found, wanted)
    _settle(found, DROPPED)
    return done
