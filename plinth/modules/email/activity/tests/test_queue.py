# SPDX-License-Identifier: AGPL-3.0-or-later
"""The queue a page at a time, its numbers, and the times of its messages."""

import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.activity import queue
from plinth.modules.email.activity.queue_entry import QueueFilter, of_raw
from plinth.modules.email.errors import MailError
from plinth.modules.email.sending.held_notes import HeldNote
from plinth.modules.email.sending.queue_moves import Lifetimes
from plinth.modules.email.system import programs

AT = 1_764_000_000
ALL, MOVING, HELD = (QueueFilter.of(each, '', '') for each in ('all', 'moving', 'held'))
LIVES = Lifetimes(timedelta(days=5), timedelta(days=1))


def raw(number: int = 0, **more: Any) -> dict[str, Any]:
    """A message as `postqueue -j` tells of it; those with higher numbers are older."""
    return {
        'queue_name': 'deferred',
        'queue_id': f'4fPM{number:08d}z',
        'arrival_time': AT - number,
        'message_size': 1000,
        'forced_expire': False,
        'sender': 'alice@example.test',
        'recipients': [{'address': 'x@gone.test', 'delay_reason': 'timed out'}],
        **more,
    }


def lines(*messages: dict[str, Any]) -> list[str]:
    return [f'{json.dumps(each)}\n' for each in messages]


def numbers(found: queue.QueueListing) -> list[int]:
    return [int(each.id[4:-1]) for each in found.messages]


def test_the_oldest_are_on_the_first_page() -> None:
    messages = lines(*(raw(number) for number in (3, 1, 4, 0, 2)))
    first, _held = queue.listing(messages, ALL, 0, 2)
    last, _held = queue.listing(messages, ALL, 4, 2)
    assert (numbers(first), numbers(last)) == ([4, 3], [0])
    assert (first.total, first.recipients, first.bytes) == (5, 5, 5000)


def test_a_page_behind_the_end_is_empty_and_knows_the_end() -> None:
    found, _held = queue.listing(lines(raw()), ALL, 50, 25)
    assert (found.messages, found.total) == ((), 1)


def test_numbers_are_of_the_messages_that_are_meant() -> None:
    both = [{'address': 'x@gone.test'}, {'address': 'y@busy.test'}]
    messages = lines(
        raw(1, recipients=both), raw(2, sender='MAILER-DAEMON'), raw(3, queue_name='hold'),
        raw(4, recipients=[{'address': 'z@busy.test'}]),
    )  # fmt: skip
    wanted = QueueFilter.of('moving', 'gone.test', '')
    found, held = queue.listing(messages, wanted, 0, 25)
    assert (found.total, found.everything, found.recipients) == (2, 4, 3)
    assert (found.reports, found.elsewhere) == (1, 1)
    assert [(each.name, each.messages) for each in found.destinations] == [
        ('gone.test', 2), ('busy.test', 1),
    ]  # fmt: skip
    assert {each.name for each in found.senders} == {'', 'alice@example.test'}
    assert [each['queue_id'] for each in held] == ['4fPM00000003z']


def test_a_message_listed_twice_counts_once() -> None:
    moved = lines(raw(1), raw(1, queue_name='active'))
    assert queue.listing(moved, ALL, 0, 25)[0].total == 1


def test_a_line_that_cannot_be_read_hides_no_other_and_is_told() -> None:
    messages = ['{"queue_id"\n', *lines(raw(1, queue_id='ALL'), raw(2))]
    found, _held = queue.listing(messages, ALL, 0, 25)
    assert (numbers(found), found.unreadable) == ([2], 2)


def test_only_a_page_of_a_long_queue_is_kept() -> None:
    def many() -> Iterator[str]:
        for number in range(10_000):
            reason = {'address': f'x@n{number % 50}.test', 'delay_reason': 'y' * 2000}
            yield json.dumps(raw(number, recipients=[reason]))

    tracemalloc.start()
    found, _held = queue.listing(many(), MOVING, 0, 25)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.total, len(found.messages)) == (10_000, 25)
    assert numbers(found)[0] == 9999
    assert most < 5_000_000, 'of 25 million bytes'


def test_a_listing_crosses_the_pipe() -> None:
    found, _held = queue.listing(lines(raw(1), raw(2, queue_name='hold')), ALL, 0, 25)
    assert queue.QueueListing.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_message_is_tried_again_when_its_file_is_due(tmp_path: Path) -> None:
    due = datetime(2026, 12, 1, 8, tzinfo=UTC)
    (tmp_path / 'A').mkdir()
    for name in ('4fPM00000001z', 'other'):
        (tmp_path / 'A' / name).touch()
        os.utime(tmp_path / 'A' / name, (due.timestamp(), due.timestamp()))
    (tmp_path / 'B').symlink_to('/etc')
    assert queue.next_tries(['4fPM00000001z', 'gone'], tmp_path) == {'4fPM00000001z': due}


def test_a_queue_without_a_folder_has_no_next_tries(tmp_path: Path) -> None:
    assert queue.next_tries(['4fPM00000001z'], tmp_path / 'none') == {}


@pytest.mark.parametrize(
    ('more', 'days'),
    [({}, 5), ({'sender': 'MAILER-DAEMON'}, 1), ({'queue_name': 'hold'}, None)],
)
def test_the_end_of_a_message(more: dict[str, Any], days: int | None) -> None:
    entry = of_raw(raw(**more))
    ends = entry.since + timedelta(days=days) if days else None
    assert queue.dated(entry, LIVES, {}).ends == ends


def test_an_end_postfix_does_not_tell_is_unknown() -> None:
    assert queue.dated(of_raw(raw()), None, {}).ends is None


def test_mail_on_hold_says_over_which_limit() -> None:
    note = HeldNote('4fPM00000001z', 'bob@example.test', 'day', 7, 1, datetime.now(UTC))
    held = queue.noted(of_raw(raw(1, queue_name='hold')), {note.id: note})
    released = queue.noted(of_raw(raw(1)), {note.id: note})
    assert (held.login, held.limit) == ('bob@example.test', 'day')
    assert (released.login, released.limit) == ('', None)


@pytest.mark.parametrize('part', [(-1, 25), (10**40, 25), (0, 0), (0, 10**40)])
def test_a_page_no_one_can_mean(part: tuple[int, int]) -> None:
    with pytest.raises(MailError) as raised:
        queue.look(ALL, *part)
    assert raised.value.code == 'queue-filter-invalid'


def test_a_postfix_that_does_not_answer_is_no_empty_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_words: Any) -> Iterator[str]:
        raise TimeoutError('postqueue took longer')
        yield ''

    monkeypatch.setattr(programs, 'lines', silent)
    with pytest.raises(MailError, match='could not list'):
        queue.look(ALL)
