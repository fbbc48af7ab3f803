# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files as values, and the one way this app writes a file.

A :class:`File` is what stands at a path: nothing, a regular file or a symbolic link, with
its content, mode and owner. Two reads are equal when the file was not changed in between.

Writing goes in two moves, so that nothing can fail for want of space once the first file
has been replaced: :func:`prepare` puts the new content and a second name of the old file
beside the target, :func:`install` renames. :func:`restore` renames the old file back.
A reader sees the old file or the new one, never a half-written one, also after a power cut.

DIAGNOSTICS
    no-space      no room or no inodes on the file system of the target
    not-writable  the target or its folder cannot be read or written (read-only, immutable)
    file-mounted  the target is mounted by itself, so no rename can replace it
    not-a-file    a folder, device or socket stands at the path, or the file is huge
    busy          another program holds the lock longer than the caller wants to wait
"""

import errno
import fcntl
import grp
import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import MailError

SIZE_LIMIT = 4 * 1024 * 1024
"""No file we edit comes near this; a larger one is a mistake or an attack."""

WEB_GROUP = 'plinth'
"""The group of the web process."""

Kind = Literal['absent', 'file', 'link']


@dataclass(frozen=True)
class File:
    """A file as a value; the content of a link is the path it points to."""

    kind: Kind = 'absent'
    content: bytes = b''
    mode: int = 0o644
    uid: int = 0
    gid: int = 0

    @property
    def digest(self) -> str:
        """A hash that differs when anything about the file differs."""
        if self.kind == 'absent':
            return 'absent'
        head = f'{self.kind}:{self.mode:o}:{self.uid}:{self.gid}:'
        return hashlib.sha256(head.encode() + self.content).hexdigest()

    @property
    def text(self) -> str:
        """The content as text; bytes that are not UTF-8 survive a round trip."""
        return self.content.decode('utf-8', 'surrogateescape')


ABSENT = File()


@contextmanager
def named_errors(path: str | Path) -> Iterator[None]:
    """Turn the system's error about a file into one a person can act on."""
    try:
        yield
    except OSError as error:
        detail = f'{path}: {error.strerror}'
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MailError('no-space', detail) from error
        if error.errno in (errno.EBUSY, errno.EXDEV):
            raise MailError('file-mounted', detail, path=str(path)) from error
        raise MailError('not-writable', detail, path=str(path)) from error


def read(path: str) -> File:
    """The file at `path` now."""
    with named_errors(path):
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return ABSENT
        if stat.S_ISLNK(status.st_mode):
            return File(
                'link', os.fsencode(Path(path).readlink()), 0o777, status.st_uid, status.st_gid
            )
        if not stat.S_ISREG(status.st_mode) or status.st_size > SIZE_LIMIT:
            raise MailError('not-a-file', path=path)
        with Path(path).open('rb') as stream:
            status = os.fstat(stream.fileno())
            content = stream.read(SIZE_LIMIT + 1)
        return File('file', content, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)


def sync_folder(folder: str | Path) -> None:
    """Make renames and removals in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(path: str, role: str) -> Path:
    """A fixed name next to `path`: the rest of a crash is found and removed later."""
    return Path(path).with_name(f'.{Path(path).name}.freedombox-email-{role}')


def _create(path: Path, file: File) -> None:
    """Put a new file or link at `path`, on the disk when this returns."""
    path.unlink(missing_ok=True)
    if file.kind == 'link':
        path.symlink_to(os.fsdecode(file.content))
        os.chown(path, file.uid, file.gid, follow_symlinks=False)
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, 'wb') as stream:
        stream.write(file.content)
        stream.flush()
        os.fchown(descriptor, file.uid, file.gid)
        os.fchmod(descriptor, file.mode)  # last: writing and chown clear set-id bits
        os.fsync(descriptor)


def write(path: str, file: File) -> None:
    """Replace the file at `path` at once, or remove it."""
    with named_errors(path):
        if file.kind == 'absent':
            Path(path).unlink(missing_ok=True)
        else:
            temporary = _beside(path, 'new')
            try:
                _create(temporary, file)
                temporary.replace(path)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                raise
        if Path(path).parent.is_dir():
            sync_folder(Path(path).parent)


def put(path: Path, content: bytes, mode: int) -> None:
    """Replace a file of this process's own user at once; several may do so at a time.

    Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix='.new-')
    unfinished = Path(name)
    try:
        with os.fdopen(handle, 'wb') as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), mode)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def tell_web(path: Path, data: Any) -> None:
    """Keep values as JSON that root and the web process may read, and only root may write."""
    content = json.dumps(data).encode()
    write(str(path), File('file', content, 0o640, 0, grp.getgrnam(WEB_GROUP).gr_gid))


def prepare(path: str, before: File, after: File) -> None:
    """Put everything beside `path` that replacing it, and taking that back, will need."""
    with named_errors(path):
        if before.kind == 'file':
            _beside(path, 'old').unlink(missing_ok=True)
            os.link(path, _beside(path, 'old'), follow_symlinks=False)
        if after.kind != 'absent':
            _create(_beside(path, 'new'), after)
        if after.kind == 'file':
            # Postfix does not trust a file changed within two seconds to be complete and waits.
            # Ours appears by a rename, so let it seem older and keep mail from being held up.
            earlier = time.time() - 5
            os.utime(_beside(path, 'new'), (earlier, earlier))


def install(path: str, after: File) -> None:
    """Replace the file at `path` by the one :func:`prepare` laid ready."""
    with named_errors(path):
        if after.kind == 'absent':
            Path(path).unlink()
        else:
            _beside(path, 'new').replace(path)
        sync_folder(Path(path).parent)


def restore(path: str, before: File) -> None:
    """Put back the file of before: itself, or its copy where that is gone."""
    old = _beside(path, 'old')
    if before.kind == 'file' and read(str(old)) == before:
        with named_errors(path):
            old.replace(path)
            sync_folder(Path(path).parent)
    else:
        write(path, before)


def tidy(path: str) -> None:
    """Remove the files :func:`prepare` laid beside `path`."""
    for role in ('new', 'old'):
        with named_errors(path):
            # Asking first: a read-only file system refuses to remove even what is not there.
            if os.path.lexists(_beside(path, role)):
                _beside(path, role).unlink(missing_ok=True)


def missing_folders(path: str) -> tuple[str, ...]:
    """The folders above `path` that are not there, outermost first."""
    missing = [str(parent) for parent in Path(path).parents if not parent.exists()]
    return tuple(reversed(missing))


def make_folders(path: str) -> None:
    """Create the folders above `path` that are missing, readable by all."""
    with named_errors(path):
        for folder in missing_folders(path):
            Path(folder).mkdir()
            Path(folder).chmod(0o755)  # the umask is the whole process's, not ours
            sync_folder(Path(folder).parent)


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the exclusive lock `path`; wait for another holder only so long."""
    deadline = time.monotonic() + seconds
    with named_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise MailError('busy') from error
                time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)
