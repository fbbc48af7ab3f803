# SPDX-License-Identifier: AGPL-3.0-or-later
"""Installing optional parts: refused without room, and the signatures they need."""

from pathlib import Path

import pytest

from plinth.modules.email.directory.component import ANTIVIRUS
from plinth.modules.email.errors import MailError
from plinth.modules.email.maintenance import component_setup
from plinth.modules.email.system import free_room
from plinth.modules.email.system.free_room import Room


@pytest.mark.parametrize(
    ('there', 'key', 'needed'),
    [
        (Room(1399, 100_000), 'component-no-room.memory', 1400),
        (Room(100_000, 999), 'component-no-room.disk', 1000),
    ],
)
def test_a_box_that_is_too_small_is_refused(
    monkeypatch: pytest.MonkeyPatch, there: Room, key: str, needed: int
) -> None:
    monkeypatch.setattr(free_room, 'look', lambda: there)
    with pytest.raises(MailError) as raised:
        component_setup.check_room(ANTIVIRUS)
    assert raised.value.reason.key == key
    assert raised.value.reason.params['needed'] == needed


def test_a_box_that_is_large_enough_or_unknown_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for there in (Room(1400, 1000), Room()):
        monkeypatch.setattr(free_room, 'look', lambda there=there: there)
        component_setup.check_room(ANTIVIRUS)


@pytest.mark.parametrize(
    ('name', 'counts'),
    [
        ('main.cvd', True), ('daily.cld', True), ('own.hdb', True),
        ('freedombox-email.ndb', False), ('freshclam.dat', False), ('', False),
    ],
)  # fmt: skip
def test_our_own_signature_does_not_count_as_downloaded(
    tmp_path: Path, name: str, counts: bool
) -> None:
    if name:
        (tmp_path / name).touch()
    assert component_setup.has_signatures(tmp_path) is counts


def test_without_work_there_is_no_progress(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(component_setup, 'PROGRESS', tmp_path / 'progress')
    assert component_setup.progress().step == ''
    (tmp_path / 'progress').write_text('{"step": 1}')
    assert component_setup.progress().step == ''
