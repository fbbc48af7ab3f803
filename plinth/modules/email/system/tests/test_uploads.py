# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files on their way to root: nothing else of the box can be read that way."""

import os
from pathlib import Path

import pytest

from ...errors import MailError
from .. import uploads


@pytest.fixture(name='folder', autouse=True)
def fixture_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(uploads, 'FOLDER', tmp_path)
    monkeypatch.setattr(uploads, '_owner', os.getuid)
    return tmp_path


def refused(name: str) -> bool:
    """Whether there is no file of this name."""
    with pytest.raises(MailError) as caught:
        uploads.take(name)
    return caught.value.code == 'upload-missing'


def test_what_was_put_is_taken_until_it_is_forgotten(folder: Path) -> None:
    name = uploads.put('ünï\r\n')
    assert uploads.take(name) == 'ünï\r\n'
    assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]
    uploads.forget(name)
    assert refused(name)
    uploads.forget(name)


@pytest.mark.parametrize('name', ['', '../../etc/shadow', '0' * 31, 'A' * 32, '0' * 32 + '\n'])
def test_only_names_of_ours_are_looked_at(name: str) -> None:
    assert refused(name)


def test_a_link_a_folder_and_a_pipe_are_no_files(folder: Path) -> None:
    paths = [folder / f'freedombox-email-upload-{digit * 32}' for digit in 'abc']
    paths[0].symlink_to('/etc/passwd')
    paths[1].mkdir()
    os.mkfifo(paths[2])
    for digit in 'abc':
        assert refused(digit * 32)


def test_a_file_of_another_person_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    name = uploads.put('text')
    monkeypatch.setattr(uploads, '_owner', lambda: os.getuid() + 1)
    assert refused(name)


def test_what_is_no_text_or_too_large_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = uploads.put('text')
    next(folder.iterdir()).write_bytes(b'\xff')
    assert refused(name)
    monkeypatch.setattr(uploads, 'LARGEST', 3)
    assert refused(uploads.put('text'))


def test_old_files_go_and_there_are_never_many(folder: Path) -> None:
    names = [uploads.put('text') for _ in range(uploads.MOST + 5)]
    assert len(list(folder.iterdir())) == uploads.MOST
    os.utime(folder / f'freedombox-email-upload-{names[-1]}', (1, 1))
    assert refused(names[-1])
    uploads.put('text')
    assert names[-1] not in ' '.join(path.name for path in folder.iterdir())


def test_a_full_disk_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, 'FOLDER', folder / 'missing')
    with pytest.raises(MailError) as caught:
        uploads.put('text')
    assert caught.value.code == 'upload-failed'
