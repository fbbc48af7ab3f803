# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of unknown senders that waits beside a guarded mailbox, until it is decided on.

NAME
    waiting - /var/vmail/DOMAIN/LOCAL/freedombox-waiting, a Maildir that only delivery knows

DESCRIPTION
    Delivery puts messages there (`rules/guard_scripts.py`), and no mail app has the folder. So root
    looks at the files themselves. A message is known by a hash of its name in the Maildir, which
    it keeps. Approved, it is delivered by Dovecot's own program, through all other scripts.

DIAGNOSTICS
    waiting-missing   it was approved or deleted meanwhile
    waiting-failed    Dovecot did not take it; it still waits
    waiting-unproven  its author is not proven, so no later message would be known
    path-not-plain    a link stands where a folder or message should
"""

import email
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from ..config.guarded import DELIVER, FOLDER, NAMESPACE
from ..directory.mailbox import Mailbox
from ..errors import MailError
from ..system import files, nofollow, programs
from ..system.json_value import JsonValue
from . import content

LOCK = Path('/run/freedombox-email-waiting.lock')
DAYS = 60
"""How long a message waits, so that mail of strangers does not fill the disk for ever."""
MOST = 200
"""Messages shown of one mailbox, the latest first."""
AUTHOR = 'X-FreedomBox-Author'
UNVERIFIED = 'unverified'
_HEAD = 64 * 1024
_LONGEST = 200
_SECONDS = 60.0
_LOCK_SECONDS = 10.0
_NAME = re.compile(r'[!-~]{1,250}')
_ID = re.compile('[0-9a-f]{32}')


@dataclass(frozen=True)
class WaitingMessage(JsonValue):
    """A message that waits. All texts are of strangers, made into one short line each.

    `author` is the address it is proven to be from, '' if that is not proven; `is_spam` says that
    the filter takes it for spam.
    """

    id: str
    sender: str
    author: str
    subject: str
    at: datetime
    size: int
    is_spam: bool = False


@dataclass(frozen=True)
class WaitingMail(JsonValue):
    """The messages that wait beside one mailbox, the latest first."""

    address: str
    messages: tuple[WaitingMessage, ...]


@dataclass(frozen=True)
class _Place:
    """The file of a message."""

    path: Path
    id: str
    at: float
    size: int


def plain_line(value: object) -> str:
    """A text of strangers as one short line of characters that can be seen."""
    shown = (' ' if unicodedata.category(each)[0] in 'CZ' else each for each in str(value))
    line = ' '.join(''.join(shown).split())
    return line if len(line) <= _LONGEST else f'{line[: _LONGEST - 1]}…'


def id_of(name: str) -> str:
    """The identifier of a message by its name in the Maildir, without its flags."""
    return hashlib.sha256(name.partition(':2,')[0].encode()).hexdigest()[:32]


def _folder(address: str) -> Path:
    return content.folder_of(address) / NAMESPACE / f'.{FOLDER}'


def _places(address: str) -> Iterator[_Place]:
    """Yield the files of all messages that wait beside a mailbox."""
    for name in ('new', 'cur'):
        path = _folder(address) / name
        with (
            suppress(FileNotFoundError),
            nofollow.folder(path) as handle,
            os.scandir(handle) as entries,
        ):
            for each in entries:
                with suppress(FileNotFoundError):
                    if _NAME.fullmatch(each.name) and each.is_file(follow_symlinks=False):
                        found = each.stat(follow_symlinks=False)
                        yield _Place(
                            path / each.name, id_of(each.name), found.st_mtime, found.st_size
                        )


def _header(message: EmailMessage, name: str) -> str:
    """A line of a message; one that cannot be read is as good as none."""
    try:
        return plain_line(message.get(name) or '')
    except (MessageError, ValueError, LookupError, AttributeError, IndexError, TypeError):
        return ''


def proven_author(note: object) -> str:
    """The address in Rspamd's note, '' if it is not proven."""
    value = plain_line(note)
    return '' if value == UNVERIFIED else value


def author_of(message: EmailMessage) -> str:
    """The address a message is proven to be from, as Rspamd noted, '' if it is not proven."""
    found = message.get_all(AUTHOR) or []
    return proven_author(found[0]) if len(found) == 1 else ''


def read_message(place_id: str, head: bytes, at: float, size: int) -> WaitingMessage:
    """A message from the beginning of its file."""
    message = email.message_from_bytes(head, policy=default)
    return WaitingMessage(
        place_id,
        _header(message, 'From'),
        author_of(message),
        _header(message, 'Subject'),
        content.at(at),
        size,
        _header(message, 'X-Spam').lower() == 'yes',
    )


def _head(path: Path) -> bytes:
    with nofollow.file(path) as handle:
        return os.read(handle, _HEAD).partition(b'\n\n')[0] + b'\n\n'


def _shown(address: str) -> Iterator[WaitingMessage]:
    latest = sorted(_places(address), key=lambda each: each.at, reverse=True)[:MOST]
    for each in latest:
        with suppress(FileNotFoundError):
            yield read_message(each.id, _head(each.path), each.at, each.size)


def look(mailbox: Mailbox) -> WaitingMail:
    """The messages that wait beside a mailbox."""
    return WaitingMail(mailbox.address, tuple(_shown(mailbox.address)))


def _find(address: str, id_: str) -> _Place:
    """The file of a message, or say that it waits no longer."""
    for each in _places(address) if _ID.fullmatch(id_) else ():
        if each.id == id_:
            return each
    raise MailError('waiting-missing')


def find(mailbox: Mailbox, id_: str) -> WaitingMessage:
    """A message that waits."""
    place = _find(mailbox.address, id_)
    return read_message(place.id, _head(place.path), place.at, place.size)


def digest(mailbox: Mailbox, id_: str) -> str:
    """A hash of the whole content of a message."""
    place = _find(mailbox.address, id_)
    with nofollow.file(place.path) as handle, os.fdopen(os.dup(handle), 'rb') as stream:
        return hashlib.file_digest(stream, 'sha256').hexdigest()


def _deliver(mailbox: Mailbox, place: _Place) -> None:
    """Have Dovecot deliver a message through all scripts but the guard's."""
    raw = nofollow.read(place.path, place.size)
    head = email.message_from_bytes(raw[:_HEAD], policy=default)
    sender = _header(head, 'Return-Path').strip('<>')
    command = [*DELIVER, '-d', mailbox.address, '-f', sender]
    ran = programs.run(command, stdin=raw, seconds=_SECONDS)
    if ran.code:
        raise MailError('waiting-failed', ran.words)


def approve(mailbox: Mailbox, id_: str) -> WaitingMessage:
    """Deliver a message that waits, once: to the inbox, or wherever other rules put it."""
    with files.locked(LOCK, _LOCK_SECONDS):
        place = _find(mailbox.address, id_)
        message = read_message(place.id, _head(place.path), place.at, place.size)
        _deliver(mailbox, place)
        _unlink(place)
    return message


def delete(mailbox: Mailbox, id_: str) -> WaitingMessage:
    """Delete a message that waits."""
    with files.locked(LOCK, _LOCK_SECONDS):
        place = _find(mailbox.address, id_)
        message = read_message(place.id, _head(place.path), place.at, place.size)
        _unlink(place)
    return message


def expire(mailbox: Mailbox, now: float) -> int:
    """Delete messages that have waited too long; the number of them."""
    with files.locked(LOCK, _LOCK_SECONDS):
        old = [each for each in _places(mailbox.address) if each.at < now - DAYS * 86_400]
        for each in old:
            _unlink(each)
    return len(old)


def _unlink(place: _Place) -> None:
    with nofollow.folder(place.path.parent) as handle, suppress(FileNotFoundError):
        os.unlink(place.path.name, dir_fd=handle)
