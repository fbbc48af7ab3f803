# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files people upload, on their way from the web process to root.

A request to root has at most a million bytes, and FreedomBox writes it into the journal. So
what is longer goes through a file, of which only the name is passed on. FreedomBox gives its
two services one /var/tmp of their own for that, which is emptied when they stop.

The other way, root offers the web process what is too long for an answer.

root opens nothing but a plain file that lies there under such a name and belongs to the web
process, so no other file of the box can be read this way.

DIAGNOSTICS
    upload-missing   it was kept too long, or lost when the web interface started again
    upload-failed    it cannot be kept; the detail says why
"""

import os
import pwd
import re
import secrets
import stat
import time
from pathlib import Path

from ..errors import MailError

FOLDER = Path('/var/tmp')  # noqa: S108 (no other process sees this one)
LARGEST = 5_000_000
SECONDS = 3600
MOST = 20
_PREFIX = 'freedombox-email-upload-'
_NAME = re.compile('[0-9a-f]{32}')


def _gone() -> MailError:
    return MailError('upload-missing')


def _path(name: str) -> Path:
    """Where a file of this name is."""
    if not _NAME.fullmatch(name):
        raise _gone()
    return FOLDER / f'{_PREFIX}{name}'


def _owner() -> int:
    """The user the web process runs as."""
    return pwd.getpwnam('plinth').pw_uid


def _sweep() -> None:
    """Remove files that are too old to be asked for."""
    found = [(path.lstat().st_mtime, path) for path in FOLDER.glob(f'{_PREFIX}*')]
    oldest = time.time() - SECONDS
    for number, (changed, path) in enumerate(sorted(found, reverse=True), 1):
        if changed < oldest or number >= MOST:
            path.unlink(missing_ok=True)


def put(text: str) -> str:
    """Keep a text for a while; return its name."""
    name = secrets.token_hex(16)
    try:
        _sweep()
        handle = os.open(_path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, 'w', encoding='utf-8', newline='') as file:
            file.write(text)
    except OSError as error:
        forget(name)
        raise MailError('upload-failed', str(error)) from error
    return name


def offer(text: str) -> str:
    """Have root keep a text for the web process, which takes it by its name."""
    name = put(text)
    os.chown(_path(name), _owner(), -1, follow_symlinks=False)
    return name


def take(name: str) -> str:
    """The text of this name."""
    try:
        handle = os.open(_path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, 'rb') as file:
            _check(os.fstat(handle))
            return file.read(LARGEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise _gone() from error


def _check(found: os.stat_result) -> None:
    """Refuse a file that the web process did not put there a short time ago."""
    is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == _owner()
    if not is_ours or found.st_size > LARGEST or found.st_mtime < time.time() - SECONDS:
        raise _gone()


def forget(name: str) -> None:
    """Remove the text of this name, if it is there."""
    _path(name).unlink(missing_ok=True)
