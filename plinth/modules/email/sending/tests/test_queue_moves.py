# SPDX-License-Identifier: AGPL-3.0-or-later
"""Orders to Postfix about messages in its queue, and its answers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.sending import queue_moves
from plinth.modules.email.system import programs
from plinth.modules.email.system.programs import Ran

ONE, TWO = '4fPMmB2q9Wz3w', '4fPMmC6N4kz4b'


@pytest.fixture(name='asked')
def fixture_asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], str]]:
    """The commands Postfix would get, with their input; each moves two messages."""
    asked: list[tuple[list[str], str]] = []

    def run(command: Sequence[str], *, stdin: str = '', **_options: Any) -> Ran:
        asked.append(([*command], stdin))
        return Ran(0, '', 'postsuper: Deleted: 2 messages\n')

    monkeypatch.setattr(programs, 'run', run)
    return asked


def test_names_go_by_the_input_and_never_as_arguments(asked: list[tuple[list[str], str]]) -> None:
    assert queue_moves.move('-d', [ONE, TWO], 'hold') == 2
    assert asked == [(['postsuper', '-d', '-', 'hold'], f'{ONE}\n{TWO}\n')]


@pytest.mark.parametrize('name', ['ALL', '-', '', 'a b', f'{ONE}\nALL', '../hold/x', '-d', 'é' * 9])
def test_what_is_no_name_reaches_no_program(asked: list[tuple[list[str], str]], name: str) -> None:
    with pytest.raises(MailError) as raised:
        queue_moves.move('-d', [ONE, name])
    assert (raised.value.code, asked) == ('queue-id-invalid', [])


def test_messages_that_were_gone_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, 'run', lambda *_words, **_options: Ran(0, '', ''))
    assert queue_moves.move('-f', [ONE]) == 0


@pytest.mark.parametrize(
    ('option', 'words'),
    [
        ('-d', 'postsuper: 4fPMmB2q9Wz3w: removed\npostsuper: Deleted: 1 message\n'),
        ('-f', 'postsuper: Force-expired: 1 message\npostsuper: Released from hold: 7 messages\n'),
        ('-h', 'postsuper: Placed on hold: 1 message\n'),
        ('-H', 'postsuper: Released from hold: 1 message\n'),
    ],
)
def test_postfix_says_how_many(option: Any, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, 'run', lambda *_words, **_options: Ran(0, '', words))
    assert queue_moves.move(option, [ONE]) == 1


def test_a_refusal_of_postfix_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Ran(1, '', 'postsuper: fatal: use of this command is reserved for the superuser')
    monkeypatch.setattr(programs, 'run', lambda *_words, **_options: refusal)
    with pytest.raises(MailError, match='could not change') as raised:
        queue_moves.move('-h', [ONE])
    assert 'superuser' in raised.value.detail


def test_few_are_tried_singly_and_many_with_all_others(asked: list[tuple[list[str], str]]) -> None:
    queue_moves.try_now([ONE, TWO])
    queue_moves.try_now([f'4fPMmB{number:07d}' for number in range(50)])
    assert [command for command, _input in asked] == [
        ['postqueue', '-i', ONE], ['postqueue', '-i', TWO], ['postqueue', '-f'],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ('text', 'hours'),
    [('5d\n', 120), ('5', 120), ('90m', 1.5), ('2w', 336), ('3600s', 1), ('0', 0)],
)
def test_times_of_postfix(text: str, hours: float) -> None:
    assert queue_moves.queue_time(text) == timedelta(hours=hours)


@pytest.mark.parametrize('text', ['', 'soon', '5y', '-1d', '$x', '99999999999d'])
def test_times_no_one_understands(text: str) -> None:
    with pytest.raises(MailError) as raised:
        queue_moves.queue_time(text)
    assert raised.value.code == 'queue-unknown'


def test_messages_and_reports_stay_for_different_times(monkeypatch: pytest.MonkeyPatch) -> None:
    words = 'maximal_queue_lifetime = 5d\nbounce_queue_lifetime = 36h\n'
    monkeypatch.setattr(programs, 'run', lambda *_words, **_options: Ran(0, words, ''))
    found = queue_moves.lifetimes()
    assert (found.message, found.report) == (timedelta(days=5), timedelta(hours=36))


def test_a_time_postfix_does_not_tell_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    words = 'maximal_queue_lifetime = 5d\n'
    monkeypatch.setattr(programs, 'run', lambda *_words, **_options: Ran(0, words, ''))
    with pytest.raises(MailError, match='how long mail stays'):
        queue_moves.lifetimes()
