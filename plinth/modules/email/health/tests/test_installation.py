# SPDX-License-Identifier: AGPL-3.0-or-later
"""An installation that was cut short says so, and why as far as that is known."""

from pathlib import Path
from typing import Any

import pytest
from freedombox import kvstore

from plinth.modules.email.errors import MailError
from plinth.modules.email.health import installation, ram, requirements
from plinth.modules.email.system import packages


@pytest.fixture(name='world', autouse=True)
def fixture_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A database, and a kernel that has ended three programs."""
    world: dict[str, Any] = {'vmstat': tmp_path / 'vmstat'}
    world['vmstat'].write_text('pgfault 7\noom_kill 3\n')
    monkeypatch.setattr(ram, '_VMSTAT', world['vmstat'])
    monkeypatch.setattr(ram, 'boot', lambda: 'one')
    monkeypatch.setattr(ram, 'there_mb', lambda: 768)
    monkeypatch.setattr(kvstore, 'set', world.__setitem__)
    monkeypatch.setattr(kvstore, 'get_default', world.get)
    monkeypatch.setattr(kvstore, 'delete', lambda key, **_: world.pop(key, None))
    return world


def installed(world: dict[str, Any], kills: int, error: Exception | None) -> None:
    """An installation in which the kernel ended programs."""
    with installation.watched():
        assert not installation.cut_short(), 'it runs'
        world['vmstat'].write_text(f'oom_kill {3 + kills}\n')
        if error:
            raise error


def test_a_failure_for_want_of_memory_says_so(world: dict[str, Any]) -> None:
    with pytest.raises(installation.OutOfMemoryError, match=r'ran out of memory.* has 768 MB'):
        installed(world, 1, ConnectionError('Server returned empty response'))
    assert not installation.cut_short()


def test_any_other_failure_stays_as_it_is(world: dict[str, Any]) -> None:
    with pytest.raises(ConnectionError):
        installed(world, 0, ConnectionError('x'))


def test_an_installation_that_lost_a_program_and_went_on_is_none(world: dict[str, Any]) -> None:
    installed(world, 2, None)
    assert not installation.cut_short()


@pytest.mark.parametrize(
    ('kills', 'boot', 'words'),
    [
        (1, 'one', 'ran out of memory'),
        (0, 'one', 'cut short by a restart'),
        (1, 'two', 'cut short by a restart'),
    ],
)
def test_the_next_process_tells(
    world: dict[str, Any], monkeypatch: pytest.MonkeyPatch, kills: int, boot: str, words: str
) -> None:
    with installation.watched():
        left = dict(world)
    world |= left
    monkeypatch.setattr(installation, '_PROCESS', 'another')
    monkeypatch.setattr(ram, 'boot', lambda: boot)
    world['vmstat'].write_text(f'oom_kill {3 + kills}\n')
    assert words in str(requirements.DESCRIPTION[-1])
    world['vmstat'].write_text('nonsense')
    assert 'cut short by a restart' in str(requirements.DESCRIPTION[-1])


def test_a_damaged_mark_says_nothing(world: dict[str, Any]) -> None:
    world['email_installation'] = {'x': 1}
    assert not installation.cut_short()


def test_an_installation_there_is_no_room_for_does_not_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = {'needed': 400, 'there': 30}
    monkeypatch.setattr(packages, 'look', lambda _names: packages.Outlook({}, 1, 1, lacking))
    with pytest.raises(installation.NoRoomError, match=r'needs 400 MB of .* 30 MB are free'):
        installation.check_room(['postfix'])


def test_an_installation_of_unknown_size_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_names: object) -> packages.Outlook:
        raise MailError('packages-failed')

    monkeypatch.setattr(packages, 'look', fail)
    installation.check_room(['postfix'])
