# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail on hold, by mailbox."""

from datetime import UTC, datetime
from typing import Any

from plinth.modules.email.sending import holds
from plinth.modules.email.sending.held_notes import HeldNote

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def message(id_: str, place: str = 'hold', recipients: int = 1, **more: Any) -> dict[str, Any]:
    """A message as `postqueue -j` tells of it."""
    found = [{'address': f'{number}@elsewhere.test'} for number in range(recipients)]
    return {
        'queue_name': place,
        'queue_id': id_,
        'arrival_time': int(NOW.timestamp()),
        'message_size': 1000,
        'sender': 'alice@example.test',
        'recipients': found,
        **more,
    }


def note(id_: str, login: str, limit: Any = 'hour') -> HeldNote:
    return HeldNote(id_, login, limit, 7, 1, NOW)


def test_mail_is_held_by_mailbox_the_most_first() -> None:
    messages = [message('4AAAAAAA'), message('4BBBBBBB', recipients=3), message('4CCCCCCC'),
                message('4DDDDDDD'), message('4EEEEEEE', 'deferred')]  # fmt: skip
    notes = {each.id: each for each in (
        note('4AAAAAAA', 'alice@example.test'), note('4BBBBBBB', 'alice@example.test', 'day'),
        note('4CCCCCCC', 'bob@example.test'), note('4EEEEEEE', 'bob@example.test'),
    )}  # fmt: skip
    alice, by_hand, bob = holds.by_login(messages, notes)
    assert (alice.login, alice.messages, alice.recipients) == ('alice@example.test', 2, 4)
    assert alice.limits == {'hour': 7, 'day': 7}
    assert (by_hand.login, by_hand.limits, by_hand.ids) == ('', {}, ('4DDDDDDD',))
    assert bob.ids == ('4CCCCCCC',)
