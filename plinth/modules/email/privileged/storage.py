# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stored mail: how much there is, whose it was, and deleting it.

NAME
    storage - the folders below /var/vmail, one for each domain and address

DESCRIPTION
    What a mailbox in use holds is asked of Dovecot, whose indexes know it without opening
    messages. Mail of a mailbox that is switched off or removed is kept until somebody deletes
    it, and is counted on the disk. The date of a folder is set when its mailbox is removed,
    and nothing touches it from then on. Each look takes a bounded time.

DIAGNOSTICS
    content-slow      the mailbox did not answer in time
    content-failed    Dovecot could not tell; the detail holds its words
    mail-missing      there is no stored mail of this address
    mail-in-use       it belongs to a mailbox
    path-not-plain    a link or pipe stands where a folder should; nothing was deleted

    All below /var/vmail belongs to the user Dovecot works as, so whatever is opened there is
    opened by descriptor and over no link (`nofollow`).
"""

import dataclasses
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..directory.address import parse_own
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from . import nofollow

MAIL_ROOT = Path('/var/vmail')
LAST_LOGIN = 'freedombox-email-last-login'
_SECONDS = 5.0
_MOST_FOLDERS = 1000
_MOST_NOTED = 4096


@dataclass(frozen=True)
class Content:
    """What a mailbox holds; `complete` is False when there was no time to count all of it."""

    address: str
    bytes: int
    messages: int
    complete: bool = True
    last_login: str | None = None


@dataclass(frozen=True)
class Kept:
    """Stored mail without a mailbox, and since when."""

    address: str
    since: str
    bytes: int
    messages: int
    complete: bool


def folder_of(address: str) -> Path:
    """Return where the mail of an address is; the address is in its normal form."""
    own = parse_own(address)
    return MAIL_ROOT / own.domain / own.local


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).replace(microsecond=0).isoformat()


def _ask_dovecot(address: str) -> tuple[int, int]:
    """Return bytes and messages of a mailbox in use."""
    command = [
        'doveadm',
        '-f',
        'json',
        'mailbox',
        'status',
        '-u',
        address,
        '-t',
        'messages vsize',
        '*',
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MailError('content-slow', 'The mailbox does not answer. Try again later.') from error
    except OSError as error:
        raise MailError(
            'content-failed', 'Dovecot is not there to be asked.', str(error)
        ) from error
    if done.returncode:
        raise MailError(
            'content-failed', 'Dovecot cannot tell what the mailbox holds.', done.stderr.strip()
        )
    found = json.loads(done.stdout or '[]')
    return (int(found[0]['vsize']), int(found[0]['messages'])) if found else (0, 0)


def _messages(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the messages of a Maildir and its folders, following no links."""
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        # What is gone, or has become a link, since its name was read holds no mail.
        with (
            suppress(FileNotFoundError, MailError),
            nofollow.folder(path) as handle,
            os.scandir(handle) as entries,
        ):
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path / entry.name)
                elif path.name in ('cur', 'new'):
                    yield entry


def _count(folder: Path, until: float) -> tuple[int, int, bool]:
    """Return bytes and messages below a folder, and whether there was time for all."""
    size = messages = 0
    for entry in _messages(folder) if folder.is_dir() else ():
        if time.monotonic() > until:
            return size, messages, False
        size += entry.stat(follow_symlinks=False).st_size
        messages += 1
    return size, messages, True


def _last_login(folder: Path) -> str | None:
    """Return when somebody last read the mailbox, as Dovecot noted it."""
    try:
        lines = nofollow.read(folder / LAST_LOGIN, _MOST_NOTED).decode().splitlines()
        return _iso(float(lines[1]))
    except (OSError, ValueError, IndexError, OverflowError, MailError):
        return None


def content(mailbox: Mailbox) -> Content:
    """Return what a mailbox holds."""
    folder = folder_of(mailbox.address)
    if mailbox.enabled:
        size, messages = _ask_dovecot(mailbox.address)
        complete = True
    else:
        size, messages, complete = _count(folder, time.monotonic() + _SECONDS)
    return Content(mailbox.address, size, messages, complete, _last_login(folder))


def note_removal(address: str) -> None:
    """Set the date from which the mail of an address is kept without a mailbox."""
    with suppress(FileNotFoundError), nofollow.folder(folder_of(address)) as handle:
        os.utime(handle)


def _folders() -> Iterator[Path]:
    """Yield the folders of all addresses there is mail of."""
    for domain in _below(MAIL_ROOT):
        yield from _below(domain)


def _below(folder: Path) -> list[Path]:
    """Folders in a folder, no links."""
    try:
        with nofollow.folder(folder) as handle, os.scandir(handle) as entries:
            names = [each.name for each in entries if each.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, MailError):
        return []
    return [folder / name for name in sorted(names)]


def kept(store: Store) -> tuple[Kept, ...]:
    """Return the stored mail that belongs to no mailbox."""
    addresses = {f'{path.name}@{path.parent.name}': path for path in _folders()}
    present = store.find_many(Mailbox, addresses)
    until = time.monotonic() + _SECONDS
    orphans = [(name, path) for name, path in addresses.items() if name not in present]
    return tuple(
        Kept(name, _iso(path.lstat().st_mtime), *_count(path, until))
        for name, path in orphans[:_MOST_FOLDERS]
    )


def delete(address: str) -> None:
    """Delete the folder of an address, never anything a symbolic link leads to."""
    folder = folder_of(address)
    with suppress(FileNotFoundError), nofollow.folder(folder):
        pass  # a link in its place is an error
    with suppress(FileNotFoundError), nofollow.folder(folder.parent) as parent:
        shutil.rmtree(folder.name, dir_fd=parent)


def delete_kept(store: Store, text: str) -> str:
    """Delete stored mail that belongs to no mailbox; return whose it was."""
    address = str(parse_own(text))
    if store.find(Mailbox, address):
        raise MailError('mail-in-use', f'{address} is a mailbox. Remove the mailbox first.')
    if not folder_of(address).is_dir():
        raise MailError('mail-missing', f'There is no stored mail of {address}.')
    delete(address)
    return address


def check_no_mail_left(address: str) -> None:
    """Refuse an address with mail of somebody else, which the new owner would see."""
    folder = folder_of(address)
    if folder.is_dir() and any(_messages(folder)):
        since = _iso(folder.stat().st_mtime)[:10]
        raise MailError(
            'mail-exists',
            f'Mail of an earlier mailbox {address} is still stored, since {since}. Delete it '
            'first, or say that it goes to the new mailbox.',
        )


def to_json(found: Content | Kept) -> dict[str, object]:
    """Return it as plain values."""
    return dataclasses.asdict(found)
