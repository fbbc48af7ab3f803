# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing a file: whole or not at all, mode and owner kept, nothing left behind."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.system import files
from plinth.modules.email.system.files import ABSENT, File


def _file(text: str, mode: int = 0o640) -> File:
    return File('file', text.encode(), mode, os.getuid(), os.getgid())


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read_back(tmp_path: Any) -> None:
    path = str(tmp_path / 'a')
    for file in (_file('one'), _file('two', 0o4755), _file(''), ABSENT, ABSENT):
        files.write(path, file)
        assert files.read(path) == file
    assert _names(tmp_path) == []


def test_link_is_a_file_of_its_own_kind(tmp_path: Any) -> None:
    path = str(tmp_path / 'link')
    link = File('link', b'/no/such/place', 0o777, os.getuid(), os.getgid())
    files.write(path, link)
    assert files.read(path) == link
    files.write(path, _file('now a file'))
    assert files.read(path) == _file('now a file')


def test_bytes_that_are_no_text_survive() -> None:
    file = File('file', b'caf\xe9 \x00\n', 0o644, os.getuid(), os.getgid())
    assert file.text.encode('utf-8', 'surrogateescape') == file.content


@pytest.mark.parametrize(
    'other',
    [
        _file('y'),
        _file('x', 0o600),
        ABSENT,
        File('link', b'x', 0o640, os.getuid(), os.getgid()),
        File('file', b'x', 0o640, os.getuid() + 1, os.getgid()),
    ],
)
def test_digest_tells_everything_apart(other: Any) -> None:
    assert other.digest != _file('x').digest


def test_folder_and_huge_file_are_refused(tmp_path: Any) -> None:
    huge = tmp_path / 'huge'
    with huge.open('wb') as stream:
        stream.truncate(files.SIZE_LIMIT + 1)
    for path in (tmp_path, huge):
        with pytest.raises(MailError) as caught:
            files.read(str(path))
        assert caught.value.code == 'not-a-file'


def test_file_below_a_file_is_absent(tmp_path: Any) -> None:
    (tmp_path / 'file').write_text('')
    assert files.read(str(tmp_path / 'file/below')) == ABSENT


@pytest.mark.parametrize('before', [ABSENT, _file('old')])
@pytest.mark.parametrize('after', [ABSENT, _file('new', 0o600)])
def test_install_and_restore(tmp_path: Any, before: Any, after: Any) -> None:
    path = str(tmp_path / 'conf')
    files.write(path, before)
    if before == after:
        return
    files.prepare(path, before, after)
    assert files.read(path) == before
    files.install(path, after)
    assert files.read(path) == after
    files.restore(path, before)
    files.tidy(path)
    assert files.read(path) == before
    assert len(_names(tmp_path)) == (before.kind != 'absent')


def test_restore_brings_the_same_inode_back(tmp_path: Any) -> None:
    path = tmp_path / 'conf'
    path.write_text('old')
    before = files.read(str(path))
    inode = path.stat().st_ino
    files.prepare(str(path), before, _file('new'))
    files.install(str(path), _file('new'))
    files.restore(str(path), before)
    assert path.stat().st_ino == inode


def test_restore_needs_not_the_second_name(tmp_path: Any) -> None:
    path = str(tmp_path / 'conf')
    files.write(path, _file('new'))
    files.restore(path, _file('old'))
    assert files.read(path) == _file('old')


@dataclass
class Calls:
    """The system calls on the way to a file."""

    flags: list[int] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)
    owners: list[tuple[int, int]] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)


@pytest.fixture(name='calls')
def fixture_calls(monkeypatch: Any) -> Any:
    """Note calls, and make them all but that for another owner, which only root may make."""
    calls, real_open, real_sync = Calls(), os.open, files.sync_folder

    def open_(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        if flags & os.O_CREAT:
            calls.flags.append(flags)
        handle = real_open(path, flags, mode, **options)
        if flags & os.O_CREAT:
            calls.modes.append(os.fstat(handle).st_mode & 0o777)
        return handle

    def sync(folder: Any) -> None:
        calls.folders.append(Path(folder))
        real_sync(folder)

    monkeypatch.setattr(os, 'open', open_)
    monkeypatch.setattr(files, 'sync_folder', sync)
    monkeypatch.setattr(os, 'fchown', lambda _fd, uid, gid: calls.owners.append((uid, gid)))
    monkeypatch.setattr(os, 'chown', lambda _path, uid, gid, **_: calls.owners.append((uid, gid)))
    return calls


def test_a_new_file_is_made_anew_and_no_one_elses_at_first(tmp_path: Any, calls: Any) -> None:
    files.write(str(tmp_path / 'conf'), _file('secret', 0o644))
    (flags,) = calls.flags
    assert flags & os.O_EXCL, 'what somebody put there is never written into'
    assert flags & os.O_NOFOLLOW
    assert calls.modes == [0o600]
    assert (tmp_path / 'conf').stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize('kind', ['file', 'link'])
def test_owner_and_group_are_kept(tmp_path: Any, calls: Any, kind: Any) -> None:
    files.write(str(tmp_path / 'conf'), File(kind, b'x', 0o640, 12, 34))
    assert calls.owners == [(12, 34)]


@pytest.mark.parametrize('plant', ['file', 'link'])
def test_what_appears_under_the_name_of_the_new_file_is_left(
    tmp_path: Any, monkeypatch: Any, plant: str
) -> None:
    (tmp_path / 'precious').write_text('precious')
    planted = tmp_path / '.conf.freedombox-email-new'
    if plant == 'file':
        planted.hardlink_to(tmp_path / 'precious')
    else:
        planted.symlink_to('precious')
    # As if it had appeared right after the name was cleared.
    monkeypatch.setattr(Path, 'unlink', lambda *_arguments, **_options: None)
    with pytest.raises(MailError) as caught:
        files.write(str(tmp_path / 'conf'), _file('new'))
    assert caught.value.code == 'not-writable'
    assert (tmp_path / 'precious').read_text() == 'precious'
    assert not (tmp_path / 'conf').exists()


@pytest.mark.parametrize('act', ['write', 'remove', 'install', 'restore', 'restore a copy'])
def test_a_change_survives_a_power_cut(tmp_path: Any, calls: Any, act: str) -> None:
    path = str(tmp_path / 'conf')
    files.write(path, _file('old'))
    before = files.read(path)
    files.prepare(path, before, _file('new'))
    if act == 'restore a copy':
        files.tidy(path)
    calls.folders.clear()
    acts: dict[str, Callable[[], None]] = {
        'write': lambda: files.write(path, _file('new')),
        'remove': lambda: files.write(path, ABSENT),
        'install': lambda: files.install(path, _file('new')),
    }
    acts.get(act, lambda: files.restore(path, before))()
    assert calls.folders == [tmp_path]


def test_each_folder_that_is_made_survives_a_power_cut(tmp_path: Any, calls: Any) -> None:
    files.make_folders(str(tmp_path / 'a/b/conf'))
    assert calls.folders == [tmp_path, tmp_path / 'a']


def test_postfix_need_not_wait_until_a_new_file_is_old(tmp_path: Any) -> None:
    path = tmp_path / 'conf'
    files.prepare(str(path), ABSENT, _file('new'))
    files.install(str(path), _file('new'))
    assert path.stat().st_mtime < time.time() - 2


def test_nothing_is_left_when_writing_fails(tmp_path: Any, monkeypatch: Any) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, 'No space left on device')

    path = str(tmp_path / 'conf')
    files.write(path, _file('old'))
    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(MailError) as caught:
        files.write(path, _file('new'))
    assert caught.value.code == 'no-space'
    assert files.read(path) == _file('old')
    assert _names(tmp_path) == ['conf']


def test_folders_are_made_and_named(tmp_path: Any) -> None:
    path = str(tmp_path / 'a/b/conf')
    assert files.missing_folders(path) == (str(tmp_path / 'a'), str(tmp_path / 'a/b'))
    files.make_folders(path)
    assert files.missing_folders(path) == ()
    assert (tmp_path / 'a/b').stat().st_mode & 0o777 == 0o755


def test_lock_is_held_by_one_and_free_afterwards(tmp_path: Any) -> None:
    lock = tmp_path / 'lock'
    codes: list[str] = []

    def wait() -> None:
        try:
            with files.locked(lock, 0.2):
                codes.append('free')
        except MailError as error:
            codes.append(error.code)

    with files.locked(lock, 0):
        other = threading.Thread(target=wait)
        other.start()
        other.join()
    wait()
    assert codes == ['busy', 'free']
