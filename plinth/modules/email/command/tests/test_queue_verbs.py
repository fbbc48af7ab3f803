# SPDX-License-Identifier: AGPL-3.0-or-later
"""`freedombox-email queue …`: which messages an order means, and what it needs to lose any."""

import json
import os
from typing import Any

import pytest

from plinth.modules.email.activity import queue as model
from plinth.modules.email.activity.queue_entry import QueueFilter
from plinth.modules.email.activity.tests.test_queue import lines, raw
from plinth.modules.email.command import main, queue
from plinth.modules.email.command.output import Exit

NAME = '4fPM00000001z'


class QueueOfThree:
    """Root's actions on a queue of two waiting messages and a held one."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def queue_list(self, which: str, to: str, sender: str, first: int, rows: int) -> Any:
        messages = lines(raw(1), raw(2, sender='MAILER-DAEMON'), raw(3, queue_name='hold'))
        wanted = QueueFilter.of(which, to, sender)
        return model.listing(messages, wanted, first, rows)[0].to_json()

    def __getattr__(self, name: str) -> Any:
        def act(*arguments: Any) -> int:
            self.asked.append((name, *arguments))
            return 2

        return act


@pytest.fixture(name='root', autouse=True)
def fixture_root(monkeypatch: pytest.MonkeyPatch) -> QueueOfThree:
    root = QueueOfThree()
    monkeypatch.setattr(queue, 'queue', root)
    monkeypatch.setattr(queue, 'plain', lambda action: action)
    monkeypatch.setattr(os, 'geteuid', lambda: 0)
    monkeypatch.setattr(main, '_wait_as_a_shell_does', lambda: None)
    return root


def run(*words: str) -> int:
    return main.main(['queue', *words])


def test_a_list_names_times_reason_and_what_is_left(capsys: Any) -> None:
    assert run('list', '--most', '1') == Exit.OK
    shown = capsys.readouterr().out
    assert '4fPM00000002z  from mail server  to x@gone.test  since 2025-11-24' in shown
    assert 'timed out' in shown
    assert shown.endswith('and 1 more\n')


def test_a_list_for_scripts(capsys: Any) -> None:
    assert run('list', '--held', '--json') == Exit.OK
    found = json.loads(capsys.readouterr().out)['queue']
    assert ([each['id'] for each in found['messages']], found['total']) == (['4fPM00000003z'], 1)


@pytest.mark.parametrize(
    ('words', 'asked'),
    [
        (('retry',), ('queue_retry', 'moving', '', '', [])),
        (('retry', NAME), ('queue_retry', 'named', '', '', [NAME])),
        (('retry', '--to', 'gone.test'), ('queue_retry', 'moving', 'gone.test', '', [])),
        (('hold', '--from', '<>'), ('queue_hold', 'moving', '', '<>', [])),
        (('hold', '--deferred'), ('queue_hold', 'deferred', '', '', [])),
        (('release', '--all'), ('queue_release', 'all', '', '', [])),
        (('release', '--from', 'a@b.test'), ('queue_release', 'held', '', 'a@b.test', [])),
        (('release', 'a@b.test'), ('held_release', 'a@b.test')),
        (('bounce', NAME, NAME), ('queue_bounce', 'named', '', '', [NAME], 0, 1)),
        (('delete', '--all', '--count=9'), ('queue_delete', 'all', '', '', [], 0, 9)),
        (('delete', 'a@b.test', '--count=9'), ('held_drop', 'a@b.test', 9)),
    ],
)
def test_the_messages_an_order_means(
    words: tuple[str, ...], asked: tuple[Any, ...], root: QueueOfThree
) -> None:
    assert run(*words) == Exit.OK
    assert root.asked == [asked]


@pytest.mark.parametrize(
    ('words', 'number'),
    [
        (('delete', '--all'), '3 messages (0.0 MB) would be lost. To confirm, add --count=3.'),
        (('delete', '--deferred'), '2 messages'),
        (('bounce', '--from', '<>'), '1 message (0.0 MB) would be lost'),
    ],
)
def test_nothing_is_lost_without_its_number(
    words: tuple[str, ...], number: str, root: QueueOfThree, capsys: Any
) -> None:
    assert run(*words) == Exit.CONFLICT
    assert number in capsys.readouterr().err
    assert root.asked == []


@pytest.mark.parametrize(
    ('words', 'code'),
    [
        (('delete',), Exit.USAGE),
        (('hold',), Exit.USAGE),
        (('release',), Exit.USAGE),
        (('retry', NAME, '--all'), Exit.USAGE),
        (('delete', 'a@b.test', NAME), Exit.USAGE),
        (('delete', 'a@b.test', '--all'), Exit.USAGE),
        (('delete', '--all', '--held'), Exit.USAGE),
        (('delete', '--all', '--count=x'), Exit.USAGE),
        (('bounce', '--to', 'elsewhere.test'), Exit.MISSING),
        (('delete', 'a@b.test'), Exit.MISSING),
    ],
)
def test_an_order_that_is_not_clear_does_nothing(
    words: tuple[str, ...], code: Exit, root: QueueOfThree, capsys: Any
) -> None:
    assert run(*words) == code
    assert capsys.readouterr().err.startswith('freedombox-email: ')
    assert root.asked == []
