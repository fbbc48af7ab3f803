# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much each mailbox holds: notes of Dovecot (quota_clone) or of root (`usage_refresh`).

NAME
    usage - a folder with a file for each mailbox, named by its address

DESCRIPTION
    Dovecot writes the file of a mailbox with a quota after each change, root those of the others
    from time to time. All belong to Dovecot's user. They are counts of what is stored elsewhere:
    one that is missing or damaged is as good as unknown, and none is part of a backup. Mail of
    Trash and Junk counts, mail that was deleted lately does not.
"""

import os
from contextlib import suppress
from pathlib import Path

from ..config.mailbox_room import USAGE
from ..errors import MailError
from ..system import nofollow

FOLDER = Path(USAGE)
_KEY = b'priv/quota/storage'
_LARGEST = 512
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def parse(content: bytes) -> int | None:
    """The bytes a file tells of: lines of names and values by turns."""
    lines = content.split(b'\n')
    for name, value in zip(lines[::2], lines[1::2], strict=False):
        if name == _KEY and value.isdigit():
            return int(value)
    return None


def _read(name: str, folder: int) -> int | None:
    handle = os.open(name, _FLAGS, dir_fd=folder)
    try:
        return parse(os.read(handle, _LARGEST))
    finally:
        os.close(handle)


class Usages:
    """Storage used by all mailboxes; a file is read again only when it was changed."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._seen: dict[str, tuple[int, int | None]] = {}

    def look(self) -> dict[str, int]:
        """Bytes by address."""
        found: dict[str, tuple[int, int | None]] = {}
        with suppress(FileNotFoundError, MailError), nofollow.folder(self._folder) as handle:
            for entry in os.scandir(handle):
                with suppress(OSError):  # gone, or replaced by something else
                    changed = entry.stat(follow_symlinks=False).st_mtime_ns
                    seen = self._seen.get(entry.name, (0, None))
                    is_same = seen[0] == changed
                    found[entry.name] = seen if is_same else (changed, _read(entry.name, handle))
        self._seen = found
        return {name: size for name, (_when, size) in found.items() if size is not None}


def note(address: str, size: int, folder: Path = FOLDER) -> None:
    """Note what a mailbox holds, unless there is a note."""
    with nofollow.folder(folder) as place, suppress(FileExistsError):
        _write(address, size, place)


def replace(address: str, size: int, before: int, folder: Path = FOLDER) -> None:
    """Note what a mailbox holds, in place of a note from before a moment (ns since 1970)."""
    with nofollow.folder(folder) as place, suppress(FileExistsError, IsADirectoryError):
        with suppress(FileNotFoundError):
            if os.stat(address, dir_fd=place, follow_symlinks=False).st_mtime_ns >= before:
                return
            os.unlink(address, dir_fd=place)
        _write(address, size, place)


def _write(address: str, size: int, folder: int) -> None:
    """Write a note where there is none, as Dovecot does, so that it can go on with it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(address, flags, 0o640, dir_fd=folder)
    try:
        owner = os.fstat(folder)
        os.fchown(handle, owner.st_uid, owner.st_gid)
        os.write(handle, b'%b\n%d\n' % (_KEY, size))
    finally:
        os.close(handle)


def forget(address: str, folder: Path = FOLDER) -> None:
    """Forget what a mailbox held whose mail was moved elsewhere; a note that stays does no harm."""
    with suppress(OSError, MailError), nofollow.folder(folder) as handle:
        os.unlink(address, dir_fd=handle)
