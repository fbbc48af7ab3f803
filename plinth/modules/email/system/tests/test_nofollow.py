# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links other users put into their folder are looked at, never followed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.system import nofollow


@pytest.fixture(name='place')
def fixture_place(tmp_path: Path) -> Path:
    """Where a file should be, with one elsewhere that must not be touched."""
    (tmp_path / 'theirs').mkdir()
    (tmp_path / 'secret').write_bytes(b'secret')
    (tmp_path / 'other').mkdir()
    (tmp_path / 'other/file').write_bytes(b'secret')
    return tmp_path / 'theirs/file'


def _link_to_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.symlink_to('other')


PLANTED: dict[str, Callable[[Path], object]] = {
    'a link': lambda path: path.symlink_to('../secret'),
    'a dangling link': lambda path: path.symlink_to('../nothing'),
    'a link in place of the folder': _link_to_folder,
    'a second name': lambda path: path.hardlink_to(path.parent.parent / 'secret'),
    'a pipe': os.mkfifo,
    'a folder': Path.mkdir,
}


@pytest.mark.parametrize('plant', PLANTED.values(), ids=PLANTED)
def test_what_is_not_plain(place: Path, plant: Callable[[Path], object]) -> None:
    plant(place)
    with pytest.raises(MailError) as caught:
        nofollow.read(place, 100)
    assert caught.value.code == 'path-not-plain'


def test_a_pipe_is_not_waited_for_when_writing(place: Path) -> None:
    os.mkfifo(place)
    with pytest.raises(MailError), nofollow.file(place, os.O_WRONLY):
        pass


def test_an_ordinary_file(place: Path) -> None:
    place.write_bytes(b'content')
    assert nofollow.read(place, 7) == b'content'
    with pytest.raises(MailError, match='unexpected type'):
        nofollow.read(place, 6)


def test_nothing_there(place: Path) -> None:
    with pytest.raises(FileNotFoundError):
        nofollow.read(place, 6)
    with pytest.raises(FileNotFoundError):
        nofollow.read(place.parent / 'no/file', 6)


@pytest.mark.skipif(os.geteuid() == 0, reason='the file would be of root')
def test_a_file_of_another_is_not_of_root(place: Path) -> None:
    place.write_bytes(b'content')
    with pytest.raises(MailError):
        nofollow.read(place, 7, of_root=True)


@pytest.mark.parametrize('mode', [0o620, 0o602, 0o666])
def test_a_file_others_could_write_is_not_of_root(
    place: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    place.write_bytes(b'content')
    real = os.fstat

    def of_root(handle: int) -> os.stat_result:
        found = list(real(handle))
        found[4] = 0
        return os.stat_result(found)

    monkeypatch.setattr(os, 'fstat', of_root)
    place.chmod(0o644)
    assert nofollow.read(place, 7, of_root=True) == b'content'
    place.chmod(mode)
    with pytest.raises(MailError) as caught:
        nofollow.read(place, 7, of_root=True)
    assert caught.value.code == 'path-not-plain'
