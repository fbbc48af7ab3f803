# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first original of every file outlives the history."""

from pathlib import Path

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.system.files import ABSENT, File
from plinth.modules.email.transaction import history, originals
from plinth.modules.email.transaction.originals import Original
from plinth.modules.email.transaction.plan import FileChange


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / 'state/history'
    history.create(place)
    return place


def version(number: int) -> File:
    return File('file', b'\xe9 %d' % number, 0o640, 1, 2) if number else ABSENT


def change(folder: Path, path: str, number: int, state: history.Stage = 'done') -> int:
    """Record that a file went from one version to the next."""
    changes = (FileChange(path, version(number), version(number + 1)),)
    done = history.begin('Title', 'who', changes, (), folder)
    history.mark(done, state, folder=folder)
    return done


def known(folder: Path) -> dict[str, Original]:
    found, wrong = history.first_originals(folder)
    assert not wrong
    return found


def test_each_file_has_its_first_original_however_long_ago(folder: Path) -> None:
    change(folder, '/once', 5)
    for number in range(6):
        change(folder, '/often', number)
        history.sweep(folder, keep=2)
    assert len(history.list_entries(folder)) == 2
    assert known(folder) == {
        '/once': Original('/once', version(5), version(6).digest),
        '/often': Original('/often', ABSENT, version(6).digest),
    }


def test_a_change_that_did_not_hold_is_no_original(folder: Path) -> None:
    change(folder, '/a', 1, 'failed')
    change(folder, '/a', 2, 'repaired')
    change(folder, '/a', 3)
    history.sweep(folder, keep=0)
    assert known(folder)['/a'].before == version(3)


def test_no_one_else_can_read_them(folder: Path) -> None:
    change(folder, '/a', 1)
    history.sweep(folder, keep=0)
    place = folder / history.ORIGINALS
    assert place.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in place.iterdir()] == [0o600]


def test_what_cannot_be_kept_is_not_forgotten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(folder, '/a', 1)

    def full(*_arguments: object) -> None:
        raise MailError('no-space', 'The disk is full.')

    monkeypatch.setattr(originals, 'keep', full)
    history.sweep(folder, keep=0)
    assert known(folder)['/a'].before == version(1)


def test_one_damaged_record_keeps_no_other_file_from_being_restored(folder: Path) -> None:
    change(folder, '/a', 1)
    damaged = change(folder, '/b', 1)
    (folder / str(damaged) / 'before-0').write_bytes(b'something else')
    history.sweep(folder, keep=0)
    found, wrong = history.first_originals(folder)
    assert list(found) == ['/a']
    assert [error.code for error in wrong] == ['history-damaged']


@pytest.mark.parametrize('text', ['', '{}', '[]', '{"path": "/a"}'])
def test_a_damaged_original_is_never_used(folder: Path, text: str) -> None:
    for path in ('/a', '/b'):
        change(folder, path, 1)
    history.sweep(folder, keep=0)
    place = folder / history.ORIGINALS / originals._name('/a')
    place.write_text(text or place.read_text().replace('"mode": 416', '"mode": 511'))
    found, wrong = history.first_originals(folder)
    assert list(found) == ['/b']
    assert [error.code for error in wrong] == ['history-damaged']


def test_after_handing_over_all_begins_anew(folder: Path) -> None:
    change(folder, '/a', 1)
    history.sweep(folder, keep=0)
    change(folder, '/a', 2)
    history.hand_over(folder)
    assert known(folder) == {}
    assert [entry.state for entry in history.list_entries(folder)] == ['repaired']
    change(folder, '/a', 7)
    assert known(folder)['/a'].before == version(7)
