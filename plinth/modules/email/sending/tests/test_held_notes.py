# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes on held mail: there and back, and what else could be in their place."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.sending import held_notes
from plinth.modules.email.sending.held_notes import HELD, RELEASED, HeldNote

NOTE = HeldNote('4ABC1234', 'alice@example.test', 'hour', 100, 3,
                datetime(2026, 1, 2, tzinfo=UTC), ('0123456789abcdef',))  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    held_notes.prepare(tmp_path)
    return tmp_path


def test_a_note_is_read_as_it_was_written(folder: Path) -> None:
    held_notes.write(folder, NOTE)
    assert held_notes.held(folder) == {'4ABC1234': NOTE}
    held_notes.move(['4ABC1234', 'gone12345'], RELEASED, folder)
    assert held_notes.held(folder) == {}
    assert list(held_notes.take(folder, RELEASED)) == [NOTE]
    assert list(held_notes.take(folder, RELEASED)) == []


def test_what_is_no_note_is_left_out(folder: Path) -> None:
    held_notes.write(folder, NOTE)
    (folder / HELD / '4LINK12345').symlink_to('/etc/passwd')
    os.mkfifo(folder / HELD / '4PIPE12345')
    (folder / HELD / '4BIG123456').write_bytes(b' ' * 100_000)
    (folder / HELD / '4OTHER1234').write_text(json.dumps(NOTE.to_json()))
    (folder / HELD / 'x').write_text('{}')
    assert list(held_notes.held(folder)) == ['4ABC1234']


def test_a_note_is_removed(folder: Path) -> None:
    held_notes.write(folder, NOTE)
    held_notes.remove(['4ABC1234', 'gone12345'], folder)
    assert held_notes.held(folder) == {}
    assert list(held_notes.take(folder, RELEASED)) == []


def test_no_folder_is_no_notes(tmp_path: Path) -> None:
    assert held_notes.held(tmp_path / 'none') == {}
    assert held_notes.take_logins(tmp_path / 'none') == ()


def test_each_mailbox_is_told_of_once(folder: Path) -> None:
    for login in ('alice@example.test', 'bob@example.test', 'alice@example.test'):
        held_notes.ask_to_tell(folder, login)
    for name, text in (('a' * 32, '[]'), ('b' * 32, '{"login": 7}'), ('.c', 'x')):
        (folder / 'tell' / name).write_text(text)
    assert sorted(held_notes.take_logins(folder)) == ['alice@example.test', 'bob@example.test']
    assert os.listdir(folder / 'tell') == [], 'nothing is left, or systemd would start it again'  # noqa: PTH208


@given(st.text(max_size=80))
def test_no_other_names(name: str) -> None:
    try:
        found = HeldNote(name, 'a@example.test', 'hour', 1, 1, NOTE.at)
    except ValueError:
        return
    assert found.id.isascii()
    assert found.id.isalnum()
