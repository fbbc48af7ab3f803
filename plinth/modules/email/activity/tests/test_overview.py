# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gathering what only root can see."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from plinth.modules.email.activity import overview
from plinth.modules.email.activity.last_times import at
from plinth.modules.email.activity.root_part import ChangedSettings, Queue
from plinth.modules.email.config.state import WantedState, WholeFile
from plinth.modules.email.system import programs
from plinth.modules.email.transaction.transaction import Drift


def line(arrival: int, reason: str = '', to: str = 'a@b.test') -> str:
    """A line of `postqueue -j`."""
    recipient = {'address': to} | ({'delay_reason': reason} if reason else {})
    return json.dumps({'arrival_time': arrival, 'recipients': [recipient]})


def program(folder: Path, monkeypatch: Any, script: str) -> None:
    """Put a postqueue of our own in front of the real one."""
    path = folder / 'postqueue'
    path.write_text(f'#!/bin/sh\n{script}\n')
    path.chmod(0o755)
    paths = {**programs.ENVIRONMENT, 'PATH': f'{folder}:/usr/bin:/bin'}
    monkeypatch.setattr(programs, 'ENVIRONMENT', paths)


def test_an_empty_queue() -> None:
    assert overview.read_queue([]) == Queue(
        waiting=0, more=False, oldest=None, recipient='', reason=''
    )


def test_the_oldest_message_with_its_recipient_and_reason() -> None:
    queue = overview.read_queue(
        [line(9, 'busy'), line(7, 'no route', 'old@b.test'), line(8, 'busy')]
    )
    assert queue == Queue(waiting=3, more=False, oldest=at(7), recipient='old@b.test',
                          reason='no route')  # fmt: skip


def test_the_commonest_reason_where_the_oldest_message_has_none() -> None:
    queue = overview.read_queue([line(9, 'busy'), line(7), line(8, 'no route'), line(8, 'busy')])
    assert queue.reason == 'busy'


def test_a_long_recipient_is_cut() -> None:
    queue = overview.read_queue([line(1, to=f'{"x" * 5000}@b.test')])
    assert len(queue.recipient) == overview.LONGEST_ADDRESS


@pytest.mark.parametrize(
    ('diff', 'line'),
    [
        (['--- a', '+++ b', '@@ -40,7 +40,7 @@', ' a', ' b', '-c', '+d', ' e'], 42),
        (['--- a', '+++ b', '@@ -9,2 +9,3 @@', ' a', '+b', ' c'], 10),
        (['--- a', '+++ b', '@@ -0,0 +1,2 @@', '+a', '+b'], 1),
        (['--- a', '+++ b'], None),
        ([], None),
    ],
)
def test_the_line_of_the_first_difference(diff: list[str], line: int | None) -> None:
    assert overview.first_line(diff) == line


def test_a_long_reason_is_cut() -> None:
    assert len(overview.read_queue([line(1, 'x' * 5000)]).reason) == overview.LONGEST_REASON


def test_held_mail_does_not_wait_for_another_server() -> None:
    held = {**json.loads(line(1)), 'queue_name': 'hold'}
    queue = overview.read_queue([line(7), json.dumps(held)])
    assert (queue.waiting, queue.held, queue.oldest) == (1, 1, at(7))


def test_a_huge_queue_is_not_counted_to_the_end(tmp_path: Path, monkeypatch: Any) -> None:
    program(tmp_path, monkeypatch, f"exec yes '{line(5)}'")
    queue = overview._queue()
    assert (queue.waiting, queue.more) == (overview.LONGEST_COUNT, True)


def test_the_real_lines_are_read(tmp_path: Path, monkeypatch: Any) -> None:
    program(tmp_path, monkeypatch, f"echo '{line(5)}'")
    assert overview._queue().waiting == 1


def test_a_postqueue_that_fails_is_no_empty_queue(tmp_path: Path, monkeypatch: Any) -> None:
    program(tmp_path, monkeypatch, 'exit 69')
    with pytest.raises(OSError, match='69'):
        overview._queue()


def test_a_broken_part_hides_no_other(monkeypatch: Any) -> None:
    broken = Mock(side_effect=RuntimeError('broken'), __name__='_queue')
    monkeypatch.setattr(overview, '_queue', broken)
    monkeypatch.setattr(overview, 'wanted_state', Mock(side_effect=OSError, __name__='_drift'))
    seen = overview.overview_data()
    assert (seen.queue, seen.drift) == (None, None)
    assert seen.room_mb
    assert seen.room_mb > 0


def test_files_are_read_again_only_when_something_changed(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / 'file'
    wanted = WantedState((WholeFile(str(file), 'wanted'),), absent=(str(tmp_path / 'gone'),))
    lines = ('@@ -2 +2 @@', ' password = secret', '-x')
    check = Mock(return_value=(Drift(str(file), lines, ('key',)),))
    monkeypatch.setattr(overview, '_known_drift', None)
    monkeypatch.setattr(overview, 'wanted_state', lambda: wanted)
    monkeypatch.setattr('plinth.modules.email.transaction.transaction.check', check)
    shown = ChangedSettings(path=str(file), line=3, keys=('key',), decides=True,
                            lines=('@@ -2 +2 @@', '-x'))  # fmt: skip
    assert overview._drift() == (shown,)
    assert overview._drift() == (shown,)
    assert check.call_count == 1
    file.write_text('other')
    overview._drift()
    (tmp_path / 'gone').touch()
    overview._drift()
    wanted = WantedState((WholeFile(str(file), 'new'),))
    overview._drift()
    overview._drift()
    assert check.call_count == 4
