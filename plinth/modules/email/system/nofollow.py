# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files in folders of others, reached without ever following a link of theirs.

The owner of a folder can put a link, a pipe or another folder in any place in it, at any
moment. So root goes down a path one folder at a time, by descriptor and without following
links (openat(2), O_NOFOLLOW), and looks at what it has opened, never at the name.

DIAGNOSTICS
    path-not-plain    a link, pipe or device stands where a folder or file should
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import MailError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def _not_plain(path: Path, why: str) -> MailError:
    return MailError('path-not-plain', why, path=str(path))


@contextmanager
def folder(path: Path) -> Iterator[int]:
    """Hold a folder open that is reached over no link. Raises FileNotFoundError."""
    handle = os.open('/', _FOLDER)
    try:
        for name in path.parts[1:]:
            below = _step(handle, name, path)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


def _step(handle: int, name: str, path: Path) -> int:
    """Open a folder in a folder."""
    try:
        return os.open(name, _FOLDER, dir_fd=handle)
    except NotADirectoryError as error:
        raise _not_plain(path, f'{name} is no folder') from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _not_plain(path, f'{name} is a link') from error
        raise


@contextmanager
def file(path: Path, flags: int = os.O_RDONLY) -> Iterator[int]:
    """Hold an ordinary file open that is reached over no link and has no second name.

    Raises FileNotFoundError.
    """
    with folder(path.parent) as parent:
        try:
            handle = os.open(path.name, flags | _FILE, dir_fd=parent)
        except IsADirectoryError as error:
            raise _not_plain(path, 'a folder') from error
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ELOOP):
                raise _not_plain(path, 'a link or pipe') from error
            raise
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise _not_plain(path, 'no ordinary file, or one with two names')
        yield handle
    finally:
        os.close(handle)


def read(path: Path, most: int, *, of_root: bool = False) -> bytes:
    """The content of an ordinary file of at most so many bytes.

    With `of_root` it must belong to root and be writable by no one else.
    """
    with file(path) as handle, os.fdopen(os.dup(handle), 'rb') as stream:
        found = os.fstat(handle)
        if of_root and (found.st_uid or found.st_mode & 0o022):
            raise _not_plain(path, 'others than root could have written it')
        content = stream.read(most + 1)
    if len(content) > most:
        raise _not_plain(path, f'more than {most} bytes')
    return content
