# SPDX-License-Identifier: AGPL-3.0-or-later
"""An address outside is used after its code; hours are quiet as they were chosen."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.sending import outside_notice, telling
from plinth.modules.email.sending.telling import TellingChoice
from plinth.modules.email.system import files

OUTSIDE = 'me@elsewhere.test'
Sent = list[tuple[str, str, str, str]]


@pytest.fixture(name='sent', autouse=True)
def fixture_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sent:
    """The messages that were sent."""
    sent: Sent = []

    def keep(path: Path, data: Any) -> None:
        path.write_text(json.dumps(data))

    monkeypatch.setattr(telling, 'PATH', tmp_path / 'telling.json')
    monkeypatch.setattr(telling, 'CODE_PATH', tmp_path / 'code.json')
    loaded: Callable[[Path], TellingChoice] = telling.load
    monkeypatch.setattr(telling, 'load', lambda: loaded(tmp_path / 'telling.json'))
    monkeypatch.setattr(files, 'tell_web', keep)
    monkeypatch.setattr(
        telling, '_keep_code', lambda code: keep(tmp_path / 'code.json', code.to_json())
    )
    monkeypatch.setattr(telling, '_outside', lambda address: (address, 'a.test'))
    monkeypatch.setattr(outside_notice, 'tell', lambda *words: sent.append(words))
    return sent


@contextmanager
def refused(code: str) -> Iterator[None]:
    """An error with this code."""
    with pytest.raises(MailError) as caught:
        yield
    assert caught.value.code == code


def code_in(sent: Sent) -> str:
    """The code of the last message."""
    found = re.search(r'Code: +(\d{6})', sent[-1][3])
    assert found
    return found[1]


@pytest.mark.parametrize(
    ('begin', 'end', 'quiet', 'loud'),
    [(22, 7, (22, 23, 0, 6), (7, 12, 21)), (1, 3, (1, 2), (0, 3)), (None, None, (), (0, 12)),
     (5, 5, (), (5,)), (22, None, (), (22,))],
)  # fmt: skip
def test_quiet_hours(
    begin: int | None, end: int | None, quiet: tuple[int, ...], loud: tuple[int, ...]
) -> None:
    chosen = TellingChoice(quiet_from=begin, quiet_until=end)
    assert all(chosen.is_quiet(hour) for hour in quiet)
    assert not any(chosen.is_quiet(hour) for hour in loud)


def test_an_address_is_used_after_its_code(sent: Sent) -> None:
    assert telling.choose(OUTSIDE, None, None).address == ''
    assert telling.load().waiting == OUTSIDE
    assert sent[-1][0] == OUTSIDE
    assert telling.confirm(f' {code_in(sent)} ') == TellingChoice(OUTSIDE)
    with refused('notice-code-missing'):
        telling.confirm(code_in(sent))
    assert telling.choose(OUTSIDE, 22, 7) == TellingChoice(OUTSIDE, '', 22, 7)
    assert len(sent) == 1, 'no code for an address that is known'
    assert telling.choose('', None, None) == TellingChoice()


def test_a_code_cannot_be_guessed(sent: Sent) -> None:
    telling.choose(OUTSIDE, None, None)
    for _ in range(telling.MOST_TRIES):
        with refused('notice-code-wrong'):
            telling.confirm('x')
    with refused('notice-code-missing'):
        telling.confirm(code_in(sent))
    assert telling.load().address == ''


def test_hours_are_hours() -> None:
    with refused('quiet-hours-invalid'):
        telling.choose('', 24, 1)


def test_a_code_has_an_end(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, 'CODE_HOURS', -1)
    telling.choose(OUTSIDE, None, None)
    with refused('notice-code-missing'):
        telling.confirm(code_in(sent))
