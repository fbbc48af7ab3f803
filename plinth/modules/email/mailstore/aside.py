# SPDX-License-Identifier: AGPL-3.0-or-later
"""Folders of mail set aside, each with a note of whose it was.

NAME
    aside - /var/vmail/.kept/ID/mail and about.json, for root alone

DESCRIPTION
    Mail is set aside by one rename on the same file system, however much it is. Identifiers
    are random: while Dovecot copies one kept mail as its own user, that user can name no other.

DIAGNOSTICS
    mail-stuck        mail cannot be set aside, so no one else gets the address
    path-not-plain    a link stands where a folder should, or /var/vmail/.kept is not root's
"""

import dataclasses
import json
import logging
import os
import pwd
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..config.users import MAIL_USER
from ..directory.address import parse_own
from ..directory.entry import now
from ..directory.mailbox import Mailbox
from ..errors import MailError
from ..system import nofollow
from ..system.json_value import JsonValue
from . import content, kick, usage

NAME = '.kept'
MAIL = 'mail'
ID = re.compile(r'[0-9a-f]{32}')
_NOTE = 'about.json'
_MOST_NOTED = 4096

NEWS = Path('/run/freedombox-email-kept')
"""Touched when other mail is kept than before, so that the web process need not ask."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Note(JsonValue):
    """The owner of mail set aside, and the time; no name where the mailbox stood alone."""

    address: str
    since: datetime
    aside: float
    owner: str = ''
    owner_id: str = ''


def note_news() -> None:
    """Let the web process see that the kept mail changed."""
    NEWS.touch()


def root() -> Path:
    """The folder of all kept mail."""
    return content.MAIL_ROOT / NAME


@contextmanager
def _place(mode: int = 0o700) -> Iterator[int]:
    """Hold the folder of all kept mail open, made if need be; it is root's or not touched.

    The folder it lies in belongs to a lesser user, who could have put another one there.
    """
    with nofollow.folder(content.MAIL_ROOT) as parent, suppress(FileExistsError):
        os.mkdir(NAME, 0o700, dir_fd=parent)
    with nofollow.folder(root()) as handle:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise MailError('path-not-plain.owner', path=str(root()))
        os.fchmod(handle, mode)
        yield handle


@contextmanager
def _held(id_: str) -> Iterator[int]:
    """Hold the folder of one kept mail open."""
    with _place() as place:
        handle = os.open(id_, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
        try:
            yield handle
        finally:
            os.close(handle)


def _write_note(folder: int, note: Note) -> None:
    handle = os.open(_NOTE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
    with os.fdopen(handle, 'w') as file:
        json.dump(note.to_json(), file)
        file.flush()
        os.fsync(handle)


def _read_note(id_: str) -> Note | None:
    """The note on a kept mail, None where it is damaged: such mail is given to no one."""
    try:
        with _held(id_) as folder:
            handle = os.open(_NOTE, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
            with os.fdopen(handle, 'rb') as file:
                note = Note.from_json(json.loads(file.read(_MOST_NOTED)))
        return dataclasses.replace(note, address=str(parse_own(note.address)))
    except (OSError, ValueError, MailError) as error:
        logger.warning('The note on kept mail %s cannot be read: %s', id_, error)
        return None


def notes() -> dict[str, Note]:
    """The notes on all kept mail, the latest first."""
    try:
        with nofollow.folder(root()) as handle:
            names = filter(ID.fullmatch, os.listdir(handle))  # noqa: PTH208 - by descriptor
    except FileNotFoundError:
        return {}
    found = {name: note for name in names if (note := _read_note(name))}
    return dict(sorted(found.items(), key=lambda item: (-item[1].aside, item[0])))


def _note_on(address: str, before: Mailbox | None) -> Note:
    moment = time.time()
    if before is None:
        with nofollow.folder(content.folder_of(address)) as handle:
            since = content.at(os.fstat(handle).st_mtime)
        return Note(address, since, moment)
    return Note(address, before.gone or now(), moment, before.owner, before.owner_id)


def set_aside(address: str, before: Mailbox | None = None) -> str:
    """Set the mail of an address aside; return the identifier, '' where there is none.

    `before` is the mailbox it was of, as far as that is known.
    """
    folder = content.folder_of(address)
    try:
        note = _note_on(address, before)
        with nofollow.folder(folder), nofollow.folder(folder.parent) as parent:
            kick.end(address)
            return _move_in(folder.name, parent, note)
    except FileNotFoundError:
        return ''


def _move_in(name: str, parent: int, note: Note) -> str:
    id_ = secrets.token_hex(16)
    with _place() as place:
        os.mkdir(id_, 0o700, dir_fd=place)
        with _held(id_) as item:
            _write_note(item, note)
            try:
                os.rename(name, MAIL, src_dir_fd=parent, dst_dir_fd=item)
            except OSError as error:
                shutil.rmtree(id_, dir_fd=place)
                if isinstance(error, FileNotFoundError):
                    raise
                raise _stuck(note.address, error) from error
    usage.forget(note.address)
    return id_


def _stuck(address: str, error: OSError) -> MailError:
    return MailError('mail-stuck', str(error), address=address)


def domain_folder(address: str) -> Path:
    """The folder of the domain of an address, made for Dovecot if need be."""
    folder = content.folder_of(address).parent
    with nofollow.folder(content.MAIL_ROOT) as root:
        make(folder.name, root)
    return folder


def make(name: str, parent: int) -> None:
    """Make a folder of Dovecot's user where there is none."""
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
    except FileExistsError:
        return
    account = pwd.getpwnam(MAIL_USER)
    os.chown(name, account.pw_uid, account.pw_gid, dir_fd=parent, follow_symlinks=False)


def put_back(id_: str, address: str) -> bool:
    """Let kept mail be that of its address again, whole; say False where there is other mail."""
    folder = content.folder_of(address)
    with _held(id_) as item, nofollow.folder(domain_folder(address)) as domain:
        if folder.name in os.listdir(domain):  # noqa: PTH208 - by descriptor
            return False
        os.rename(MAIL, folder.name, src_dir_fd=item, dst_dir_fd=domain)
    usage.forget(address)
    forget(id_)
    return True


def forget(id_: str) -> None:
    """Delete kept mail with its note, never anything a link leads to."""
    with _place() as place:
        shutil.rmtree(id_, dir_fd=place)
    note_news()


def is_empty(id_: str) -> bool:
    """Whether there is no message in kept mail."""
    return not any(content.messages(root() / id_))


@contextmanager
def passable(id_: str) -> Iterator[None]:
    """Let Dovecot's user pass to one kept mail, and see nothing on the way."""
    with _place(0o711) as place:
        try:
            os.chmod(id_, 0o711, dir_fd=place)  # noqa: S103 - to pass, not to look
            yield
        finally:
            os.fchmod(place, 0o700)
            os.chmod(id_, 0o700, dir_fd=place)
