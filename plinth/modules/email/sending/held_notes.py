# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes on mail that was held: whose it is, over which limit, and since when.

The policy service writes one for each message it has Postfix hold, named as in Postfix's queue,
and a note of each mailbox whose people are to be told. Root reads them, and moves the notes of
mail that was released or dropped, from where the service takes them. They are files and not
one database, because root opens nothing a service without rights has made but small JSON.

    held/ID        a message on hold
    tell/MARK      a mailbox whose user and administrator are to be told
    released/ID    a message that was released: its recipients are known from now on
    dropped/ID     a message that was deleted, or was never taken
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ..errors import MailError
from ..system import nofollow
from ..system.json_value import JsonValue

FOLDER = Path('/var/lib/freedombox-email-limits')
HELD, TELL, RELEASED, DROPPED = 'held', 'tell', 'released', 'dropped'
Limit = Literal['hour', 'day', 'first-time']
LARGEST = 65_536
LONGEST_LOGIN = 320
MOST_MARKS = 2000
_NAME = re.compile('[0-9A-Za-z]{6,64}')
"""A name in Postfix's queue, or a hash."""
_MARK = re.compile('[0-9a-f]{16}')
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeldNote(JsonValue):
    """A message on hold: by its name in the queue, whose it is, and over which limit.

    `marks` stand for recipients who got no mail of this mailbox before.
    """

    id: str
    login: str
    limit: Limit
    most: int
    recipients: int
    at: datetime
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be such a note."""
        if not _NAME.fullmatch(self.id) or not 0 < len(self.login) <= LONGEST_LOGIN:
            raise ValueError('no name of a message, or no login')
        if len(self.marks) > MOST_MARKS or not all(map(_MARK.fullmatch, self.marks)):
            raise ValueError('no marks of recipients')


def prepare(folder: Path) -> None:
    """Make the folders."""
    for name in (HELD, TELL, RELEASED, DROPPED):
        (folder / name).mkdir(mode=0o700, exist_ok=True)


def _write(path: Path, text: str) -> None:
    """Write a small file whole, or not at all; never half in a folder that systemd watches."""
    temporary = path.parent.parent / f'.{path.name}'
    temporary.write_text(text, encoding='utf-8')
    temporary.replace(path)


def write(folder: Path, note: HeldNote) -> None:
    """Note a message that is held."""
    _write(folder / HELD / note.id, json.dumps(note.to_json()))


def ask_to_tell(folder: Path, login: str) -> None:
    """Note that people are to be told."""
    name = hashlib.sha256(login.encode()).hexdigest()[:32]
    _write(folder / TELL / name, json.dumps({'login': login}))


def _all_names(folder: Path) -> list[str]:
    """All names in a folder that may be gone."""
    with suppress(FileNotFoundError), nofollow.folder(folder) as handle:
        return os.listdir(handle)  # noqa: PTH208
    return []


def _names(folder: Path) -> list[str]:
    """The names of the notes in a folder that may be gone."""
    return [name for name in _all_names(folder) if _NAME.fullmatch(name)]


def _content(path: Path) -> Any:
    """The content of a note; ValueError for one that is none."""
    return json.loads(nofollow.read(path, LARGEST))


def _read(folder: Path) -> Iterator[HeldNote]:
    """Yield the notes in a folder; what is none is left out."""
    for name in _names(folder):
        try:
            note = HeldNote.from_json(_content(folder / name))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, MailError) as error:
            logger.warning('Not a note on held mail: %s (%s)', name, type(error).__name__)
            continue
        if note.id == name:
            yield note


def held(folder: Path = FOLDER) -> dict[str, HeldNote]:
    """The messages that were held, by their names in the queue."""
    return {note.id: note for note in _read(folder / HELD)}


def move(ids: Iterable[str], to: str, folder: Path = FOLDER) -> None:
    """Leave the notes of messages that are no longer held to the service."""
    with nofollow.folder(folder / HELD) as source, nofollow.folder(folder / to) as target:
        for id_ in ids:
            with suppress(FileNotFoundError):
                os.rename(id_, id_, src_dir_fd=source, dst_dir_fd=target)


def remove(ids: Iterable[str], folder: Path = FOLDER) -> None:
    """Remove the notes of messages that were never on hold, or are not any more."""
    with nofollow.folder(folder / HELD) as handle:
        for id_ in ids:
            with suppress(FileNotFoundError):
                os.unlink(id_, dir_fd=handle)


def take_logins(folder: Path = FOLDER) -> tuple[str, ...]:
    """The mailboxes whose people are to be told; their notes are removed."""
    return tuple(dict.fromkeys(login for login in _take_logins(folder / TELL) if login))


def _take_logins(folder: Path) -> Iterator[str]:
    for name in _all_names(folder):  # what stayed would have systemd start it again
        try:
            found = _content(folder / name)
        except (OSError, ValueError, MailError):
            found = None
        with nofollow.folder(folder) as handle, suppress(OSError):
            os.unlink(name, dir_fd=handle)
        login = found.get('login') if isinstance(found, dict) else None
        yield login if isinstance(login, str) and len(login) <= LONGEST_LOGIN else ''


def take(folder: Path, kind: str) -> Iterator[HeldNote]:
    """Yield the notes of one kind, and remove them; for the service itself."""
    for note in list(_read(folder / kind)):
        (folder / kind / note.id).unlink(missing_ok=True)
        yield note
