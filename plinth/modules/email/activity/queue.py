# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail queue: messages on hold by mailbox, and those that wait for another server."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..sending import held_notes, holds
from ..sending.holds import HeldMail
from ..system.json_value import JsonValue

SHOWN = 50
LONGEST_REASON = 300
LONGEST_ADDRESS = 254


@dataclass(frozen=True)
class QueuedMessage(JsonValue):
    """A message that waits; `reason` is the last answer about its first recipient."""

    id: str
    sender: str
    recipient: str
    others: int
    bytes: int
    since: datetime
    reason: str = ''


@dataclass(frozen=True)
class MailQueue(JsonValue):
    """The queue: mail on hold by mailbox, and the messages waiting longest, of `total`."""

    held: tuple[HeldMail, ...]
    waiting: tuple[QueuedMessage, ...]
    total: int


def _message(raw: dict[str, Any]) -> QueuedMessage:
    recipients = raw.get('recipients') or [{}]
    reasons = [each['delay_reason'] for each in recipients if each.get('delay_reason')]
    return QueuedMessage(
        str(raw['queue_id']),
        str(raw.get('sender', ''))[:LONGEST_ADDRESS],
        str(recipients[0].get('address', ''))[:LONGEST_ADDRESS],
        len(recipients) - 1,
        int(raw['message_size']),
        datetime.fromtimestamp(raw['arrival_time'], UTC),
        str(reasons[0])[:LONGEST_REASON] if reasons else '',
    )


def of_messages(messages: Iterable[dict[str, Any]], held: tuple[HeldMail, ...]) -> MailQueue:
    """The queue from the messages in it."""
    moving = [each for each in messages if each['queue_name'] != 'hold']
    oldest = sorted(moving, key=lambda each: int(each['arrival_time']))[:SHOWN]
    return MailQueue(held, tuple(map(_message, oldest)), len(moving))


def look() -> MailQueue:
    """The queue as it is."""
    messages, notes = holds.queued(), held_notes.held()
    held = holds.by_login(messages, notes)
    holds.settle(notes, holds.on_hold(messages))
    return of_messages(messages, held)
