# SPDX-License-Identifier: AGPL-3.0-or-later
"""Acts on the queue: which messages Postfix is asked to move, and when none are."""

from typing import Any

import pytest

from plinth.modules.email.activity import queue, queue_acts
from plinth.modules.email.activity.queue_entry import QueueEntry, QueueFilter, of_raw
from plinth.modules.email.errors import MailError
from plinth.modules.email.sending import held_notes, queue_moves
from plinth.modules.email.sending.held_notes import DROPPED, RELEASED

from .test_queue import raw

ALL, MOVING, HELD = (QueueFilter.of(each, '', '') for each in ('all', 'moving', 'held'))
WAITS, ON_HOLD = '4fPM00000001z', '4fPM00000002z'
QUEUE = (of_raw(raw(1)), of_raw(raw(2, queue_name='hold')))


class World:
    """A queue, the moves Postfix was asked for, and the notes on mail over a limit."""

    def __init__(self, messages: tuple[QueueEntry, ...]) -> None:
        self.queue = messages
        self.asked: list[Any] = []
        self.notes = {ON_HOLD: None}

    def chosen(self, wanted: QueueFilter) -> tuple[QueueEntry, ...]:
        return tuple(filter(wanted.means, self.queue))

    def move(self, option: str, names: list[str], *queues: str) -> int:
        self.asked.append((option, names, *queues))
        return len(names)

    def try_now(self, names: list[str]) -> None:
        self.asked.append(('now', names))

    def note(self, names: list[str], to: str) -> None:
        self.asked.append((to, names))


@pytest.fixture(name='world')
def fixture_world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(QUEUE)
    monkeypatch.setattr(queue, 'chosen', world.chosen)
    monkeypatch.setattr(queue_moves, 'move', world.move)
    monkeypatch.setattr(queue_moves, 'try_now', world.try_now)
    monkeypatch.setattr(held_notes, 'held', lambda: world.notes)
    monkeypatch.setattr(held_notes, 'move', world.note)
    return world


def test_a_retry_leaves_mail_on_hold_there(world: World) -> None:
    assert queue_acts.retry(ALL) == 1
    assert world.asked == [('now', [WAITS])]


def test_a_retry_of_an_empty_queue_is_done(world: World) -> None:
    world.queue = ()
    assert queue_acts.retry(MOVING) == 0
    assert world.asked == []


def test_holding(world: World) -> None:
    assert queue_acts.hold(MOVING) == 1
    assert world.asked == [('-h', [WAITS], 'incoming', 'active', 'deferred')]


def test_a_release_tries_at_once_and_tells_the_service_that_counts(world: World) -> None:
    assert queue_acts.release(ALL) == 1
    assert world.asked == [('-H', [ON_HOLD]), (RELEASED, [ON_HOLD]), ('now', [ON_HOLD])]


def test_mail_held_by_hand_has_no_note_to_move(world: World) -> None:
    world.notes = {}
    queue_acts.release(HELD)
    assert world.asked == [('-H', [ON_HOLD], 'hold'), ('now', [ON_HOLD])]


def test_a_bounce_expires_and_tries(world: World) -> None:
    """Postfix returns a message it was asked to expire only when it tries it."""
    assert queue_acts.bounce(ALL, 2) == 2
    assert world.asked == [
        ('-f', [WAITS, ON_HOLD]), (DROPPED, [ON_HOLD]), ('now', [WAITS, ON_HOLD]),
    ]  # fmt: skip


def test_deleting(world: World) -> None:
    assert queue_acts.delete(HELD, 1) == 1
    assert world.asked == [('-d', [ON_HOLD], 'hold'), (DROPPED, [ON_HOLD])]


@pytest.mark.parametrize('act', [queue_acts.bounce, queue_acts.delete])
def test_more_than_was_confirmed_is_not_lost(act: Any, world: World) -> None:
    with pytest.raises(MailError, match='2 messages match now, more than the 1 you') as raised:
        act(ALL, 1)
    assert (raised.value.code, world.asked) == ('queue-changed', [])


@pytest.mark.parametrize('act', [queue_acts.bounce, queue_acts.delete])
def test_fewer_than_were_confirmed_is_fine(act: Any, world: World) -> None:
    assert act(ALL, 3) == 2
    assert world.asked


@pytest.mark.parametrize('count', [-1, 10**40])
def test_a_number_no_one_confirms(count: int, world: World) -> None:
    with pytest.raises(MailError):
        queue_acts.delete(ALL, count)
    assert world.asked == []


@pytest.mark.parametrize(
    'act',
    [
        queue_acts.retry,
        queue_acts.hold,
        queue_acts.release,
        lambda each: queue_acts.delete(each, 1),
    ],
)
def test_a_message_that_is_gone(act: Any, world: World) -> None:
    with pytest.raises(MailError, match='4fPMgone is no longer in the queue') as raised:
        act(QueueFilter.of('named', '', '', ['4fPMgone']))
    assert (raised.value.code, world.asked) == ('queued-missing', [])
