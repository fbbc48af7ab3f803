# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs end in their time, and what they say is kept as they said it."""

import time

import pytest

from ...errors import MailError
from .. import programs


def test_output_complaints_and_code() -> None:
    ran = programs.run(['sh', '-c', 'cat; echo wrong >&2; exit 3'], stdin='hällo')
    assert (ran.code, ran.output, ran.errors, ran.words) == (3, 'hällo', 'wrong\n', 'wrong')


def test_no_environment_of_ours_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('LD_PRELOAD', '/x')
    assert 'LD_PRELOAD' not in programs.run(['env'], env={'USER': 'alice'}).output


def test_one_that_hangs_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(MailError) as caught:
        programs.run(['sleep', '60'], seconds=0.1)
    assert caught.value.reason.key == programs.SLOW
    assert time.monotonic() - began < 10


def test_one_that_is_not_there() -> None:
    with pytest.raises(MailError) as caught, programs.failing_as('mail-failed'):
        programs.run(['/nowhere/x'])
    assert caught.value.code == 'mail-failed'
    assert '/nowhere/x' in caught.value.detail


def test_other_errors_keep_their_reason() -> None:
    with pytest.raises(MailError) as caught, programs.failing_as('mail-failed'):
        raise MailError('busy')
    assert caught.value.code == 'busy'


def test_one_that_has_to_succeed() -> None:
    assert programs.must(['echo', 'yes'], 'mail-failed').output == 'yes\n'
    with pytest.raises(MailError) as caught:
        programs.must(['sh', '-c', 'echo no >&2; exit 1'], 'mail-failed')
    assert (caught.value.code, caught.value.detail) == ('mail-failed', 'no')


def test_lines_end_the_program_when_they_are_left() -> None:
    began = time.monotonic()
    found = programs.lines(['yes'], 60)
    assert next(found) == 'y\n'
    found.close()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ('command', 'error'),
    [(['sleep', '60'], TimeoutError), (['false'], OSError)],
)
def test_lines_of_a_program_that_fails(command: list[str], error: type[Exception]) -> None:
    with pytest.raises(error):
        list(programs.lines(command, 0.1))


def test_exit_codes_that_are_fine() -> None:
    assert list(programs.lines(['sh', '-c', 'echo x; exit 1'], 10, fine=(0, 1))) == ['x\n']
