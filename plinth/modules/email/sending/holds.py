# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail on hold: whose it is, and the end of it, released or deleted.

Released mail goes from Postfix's hold queue to its deferred queue and is tried at once. It passes
no service where it would be counted or scanned again, and a message that is not on hold is left
alone, so it goes out once however often it is released.

DIAGNOSTICS
    held-missing   there is no such mail on hold (any more)
    queue-changed  there is more than was confirmed
    queue-failed   Postfix did not do it; its own words are the detail
"""

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import MailError
from ..system import programs
from ..system.json_value import JsonValue
from . import held_notes, queue_moves
from .held_notes import DROPPED, RELEASED, HeldNote

SECONDS = 20.0
QUIET = timedelta(minutes=5)
"""A note may be older than its message in the queue: the filter looks at it in between."""
_HOLD = 'hold'

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeldMail(JsonValue):
    """The mail of a mailbox that is on hold; without a login an administrator held it by hand.

    `limits` are the limits it was over, each with its number.
    """

    login: str
    messages: int
    recipients: int
    bytes: int
    since: datetime
    limits: Mapping[str, int]
    ids: tuple[str, ...] = ()
    """The first of them, as the queue names them."""


MOST_IDS = 100


def queued(seconds: float = SECONDS) -> list[dict[str, Any]]:
    """All messages in the queue, as `postqueue -j` tells of them."""
    with closing(programs.lines(['postqueue', '-j'], seconds)) as lines:
        return [json.loads(line) for line in lines]


def on_hold(messages: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Those of the messages that are on hold, by their names."""
    return {str(each['queue_id']): each for each in messages if each['queue_name'] == _HOLD}


def by_login(
    messages: Iterable[dict[str, Any]], notes: Mapping[str, HeldNote]
) -> tuple[HeldMail, ...]:
    """The mail on hold by mailbox, the most first."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for id_, message in on_hold(messages).items():
        groups.setdefault(notes[id_].login if id_ in notes else '', []).append(message)
    found = (_group(login, group, notes) for login, group in groups.items())
    return tuple(sorted(found, key=lambda each: (-each.messages, each.login)))


def _group(login: str, messages: list[dict[str, Any]], notes: Mapping[str, HeldNote]) -> HeldMail:
    ids = [str(each['queue_id']) for each in messages]
    known = [notes[id_] for id_ in ids if id_ in notes]
    return HeldMail(
        login,
        len(messages),
        sum(len(each.get('recipients', ())) for each in messages),
        sum(int(each['message_size']) for each in messages),
        datetime.fromtimestamp(min(each['arrival_time'] for each in messages), UTC),
        {note.limit: note.most for note in known},
        tuple(ids[:MOST_IDS]),
    )


def settle(notes: Mapping[str, HeldNote], present: Collection[str]) -> None:
    """Remove notes whose message is not on hold: it was refused, or removed by hand."""
    old = datetime.now(UTC) - QUIET
    gone = [note.id for note in notes.values() if note.id not in present and note.at < old]
    if gone:
        held_notes.remove(gone)


def look() -> tuple[HeldMail, ...]:
    """The mail on hold by mailbox."""
    messages, notes = queued(), held_notes.held()
    settle(notes, on_hold(messages))
    return by_login(messages, notes)


def _chosen(which: str) -> list[str]:
    """The messages on hold of a mailbox, or the one of this name; '' stands for those by hand."""
    present, notes = on_hold(queued()), held_notes.held()
    found = [
        id_
        for id_ in present
        if which == id_ or which == (notes[id_].login if id_ in notes else '')
    ]
    if not found:
        raise MailError('held-missing', name=which) if which else MailError('held-missing.by-hand')
    return found


def release(which: str) -> int:
    """Let mail on hold go out; how many messages there were."""
    ids = _chosen(which)
    queue_moves.move('-H', ids)
    held_notes.move(ids, RELEASED)
    queue_moves.try_now(ids)
    logger.info('Released held mail of %s: %d', which, len(ids))
    return len(ids)


def drop(which: str, count: int) -> int:
    """Delete mail on hold, at most as many messages as were confirmed; how many there were."""
    ids = _chosen(which)
    if len(ids) > count:
        raise MailError('queue-changed', count=len(ids), confirmed=count)
    queue_moves.move('-d', ids, _HOLD)
    held_notes.move(ids, DROPPED)
    logger.info('Deleted held mail of %s: %d', which, len(ids))
    return len(ids)
