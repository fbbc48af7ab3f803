# SPDX-License-Identifier: AGPL-3.0-or-later
"""The history remembers exactly, forgets in order and never trusts a damaged record."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.config.state import Port, Unit
from plinth.modules.email.errors import MailError
from plinth.modules.email.system.files import ABSENT, File
from plinth.modules.email.transaction import history
from plinth.modules.email.transaction.plan import FileChange

UNITS = (Unit('a.service', ('/etc/a/',), (Port(25, '220 '), Port(993, '* OK', True)), True),)
OLD = File('file', b'old \xe9\n', 0o600, 1, 2)
NEW = File('file', b'new\n', 0o644)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / 'state/history'
    history.create(place)
    return place


def _begin(folder: Path, title: str = 'Title', who: str = 'admin') -> int:
    changes = (
        FileChange('/no/such/a', OLD, NEW),
        FileChange('/no/such/b', ABSENT, NEW),
        FileChange('/etc/link', File('link', b'/target', 0o777), ABSENT),
    )
    return history.begin(title, who, changes, UNITS, folder)


def test_everything_is_remembered(folder: Any) -> None:
    number = _begin(folder)
    record = history.load(number, folder)
    assert record.units == UNITS
    assert record.folders == ('/no', '/no/such')
    assert [saved.before for saved in record.saved] == [
        OLD,
        ABSENT,
        File('link', b'/target', 0o777),
    ]
    assert [saved.after_digest for saved in record.saved] == [NEW.digest, NEW.digest, 'absent']
    entry = record.entry
    assert (entry.id, entry.who, entry.title, entry.state) == (1, 'admin', 'Title', 'prepared')
    assert entry.files == ('/no/such/a', '/no/such/b', '/etc/link')
    assert '-old \\xe9\n+new\n' in entry.diff
    assert entry.when.endswith('+00:00')


def test_no_one_else_can_read_it(folder: Any) -> None:
    place = folder / str(_begin(folder))
    assert place.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}


def test_the_history_itself_is_closed_to_others(tmp_path: Path) -> None:
    history.create(tmp_path / 'state/history')
    for place in (tmp_path / 'state', tmp_path / 'state/history'):
        assert place.stat().st_mode & 0o777 == 0o700, place.name


def test_two_hundred_changes_can_be_undone(folder: Any) -> None:
    history.mark(_begin(folder), 'failed', folder=folder)
    text = (folder / '1/manifest.json').read_text()
    for number in range(2, 203):
        (folder / str(number)).mkdir()
        (folder / str(number) / 'manifest.json').write_text(text)
    history.sweep(folder)
    kept = history.list_entries(folder)
    assert (len(kept), kept[0].id, kept[-1].id) == (200, 202, 3)


def test_entries_come_newest_first_and_interrupted_ones_are_known(folder: Any) -> None:
    for state in ('done', 'installed', 'failed', 'repaired', 'prepared'):
        history.mark(_begin(folder), state, 'why', folder)
    assert [entry.id for entry in history.list_entries(folder)] == [5, 4, 3, 2, 1]
    assert [entry.id for entry in history.interrupted(folder)] == [5, 2]
    assert history.list_entries(folder)[0].reason == 'why'


def test_title_and_name_are_one_short_line(folder: Any) -> None:
    number = _begin(folder, 'x' * 999 + '\n', 'a\x1b[31m\nb')
    entry = history.load(number, folder).entry
    assert len(entry.title) == 200
    assert entry.who == 'a [31m b'


def test_old_ones_are_forgotten_but_not_interrupted_ones(folder: Any) -> None:
    for _ in range(6):
        history.mark(_begin(folder), 'done', folder=folder)
    history.mark(2, 'installed', folder=folder)
    (folder / '7').mkdir()  # never begun
    history.sweep(folder, keep=3)
    assert sorted(path.name for path in folder.iterdir()) == ['2', '4', '5', '6', 'originals']
    assert _begin(folder) == 7


@pytest.mark.parametrize('damage', ['{', '[]', '{}', '{"when": 1}'])
def test_damaged_manifest_is_shown_and_never_used(folder: Any, damage: Any) -> None:
    number = _begin(folder)
    (folder / str(number) / 'manifest.json').write_text(damage)
    assert history.list_entries(folder)[0].state == 'damaged'
    with pytest.raises(MailError) as caught:
        history.load(number, folder)
    assert caught.value.code == 'history-damaged'


def test_altered_copy_is_never_used(folder: Any) -> None:
    number = _begin(folder)
    (folder / str(number) / 'before-0').write_bytes(b'something else')
    with pytest.raises(MailError) as caught:
        history.load(number, folder)
    assert caught.value.code == 'history-damaged'


def test_manifest_with_an_impossible_unit_is_damaged(folder: Any) -> None:
    number = _begin(folder)
    path = folder / str(number) / 'manifest.json'
    path.write_text(json.dumps(json.loads(path.read_text()) | {'units': [{'name': 'x'}]}))
    with pytest.raises(MailError) as caught:
        history.load(number, folder)
    assert caught.value.code == 'history-damaged'


def test_unknown_number_has_its_own_code(folder: Any) -> None:
    with pytest.raises(MailError) as caught:
        history.load(99, folder)
    assert caught.value.code == 'no-such-change'


def test_empty_and_missing_folders_have_no_entries(folder: Any, tmp_path: Any) -> None:
    assert history.list_entries(folder) == ()
    assert history.list_entries(tmp_path / 'nowhere') == ()


def test_record_that_cannot_be_completed_leaves_nothing(folder: Any, monkeypatch: Any) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'fchmod', full)
    with pytest.raises(MailError) as caught:
        _begin(folder)
    assert caught.value.code == 'no-space'
    assert list(folder.iterdir()) == []
