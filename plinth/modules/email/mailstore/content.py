# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stored mail: how much there is, and deleting it.

NAME
    content - the folders below /var/vmail, one for each domain and address

DESCRIPTION
    What a mailbox in use holds is asked of Dovecot, whose indexes know it without opening
    messages. Mail of a mailbox that is switched off is counted on the disk. Each look takes a
    bounded time. Mail that belongs to no mailbox any more is in `kept_mail`.

DIAGNOSTICS
    content-slow      the mailbox did not answer in time
    content-failed    Dovecot could not tell; the detail holds its words
    path-not-plain    a link or pipe stands where a folder should; nothing was deleted

    All below /var/vmail belongs to the user Dovecot works as, so whatever is opened there is
    opened by descriptor and over no link (`nofollow`).
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..config import sharing
from ..directory.address import parse_own
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.quota import Quota, effective
from ..directory.store import Store
from ..errors import MailError
from ..system import nofollow, programs
from ..system.json_value import JsonValue

MAIL_ROOT = Path('/var/vmail')
LAST_LOGIN = 'freedombox-email-last-login'
_SECONDS = 5.0
_MOST_NOTED = 4096
_SHARED = f'{sharing.FOLDER}/'
MOST_FOLDERS = 200


@dataclass(frozen=True)
class FolderUse(JsonValue):
    """A folder of a mailbox with what it holds; its name is whatever a mail app chose."""

    name: str
    bytes: int
    messages: int


@dataclass(frozen=True)
class Content(JsonValue):
    """The content of a mailbox; `complete` is False when there was no time to count all of it.

    `quota` is the quota that holds, in bytes, with 0 for none, and as it was entered.
    """

    address: str
    bytes: int
    messages: int
    complete: bool = True
    last_login: datetime | None = None
    folders: tuple[FolderUse, ...] = ()
    quota: int = 0
    quota_text: str = ''

    @property
    def room(self) -> int | None:
        """Bytes that still fit, None for any number."""
        return max(0, self.quota - self.bytes) if self.quota else None

    @property
    def percent(self) -> int:
        """Used part of the quota."""
        return 100 * self.bytes // self.quota if self.quota else 0


def folder_of(address: str) -> Path:
    """Where the mail of an address is; the address is in its normal form."""
    own = parse_own(address)
    return MAIL_ROOT / own.domain / own.local


def at(seconds: float) -> datetime:
    """The moment that many seconds after 1970, without fractions of one."""
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)


def status(users: str, items: str, seconds: float = _SECONDS) -> list[dict[str, str]]:
    """The items Dovecot knows of each folder of a mailbox, or of several named with a `*`.

    Folders that cannot be opened, such as a parent without messages of its own, are left out, and
    so are mailboxes that others share.
    """
    command = ['doveadm', '-f', 'json', 'mailbox', 'status', '-u', users, items, '*']
    try:
        ran = programs.run(command, seconds=seconds)
    except MailError as error:
        if error.reason.key == programs.SLOW:
            raise MailError('content-slow') from error
        raise MailError('content-failed.dovecot-stopped', error.detail) from error
    if ran.code and not ran.output:
        raise MailError('content-failed', ran.words)
    return [row for row in json.loads(ran.output or '[]')
            if 'vsize' in row and not str(row['mailbox']).startswith(_SHARED)]  # fmt: skip


def _ask_dovecot(address: str) -> tuple[FolderUse, ...]:
    """The folders of a mailbox in use, the largest first."""
    rows = status(address, 'messages vsize')
    found = (FolderUse(str(row['mailbox']), int(row['vsize']), int(row['messages']))
             for row in rows)  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.bytes, each.name)))


def messages(folder: Path) -> Iterator[os.DirEntry[str]]:
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


def count(folder: Path, until: float) -> tuple[int, int, bool]:
    """Bytes and messages below a folder, and whether there was time for all."""
    size = number = 0
    for entry in messages(folder) if folder.is_dir() else ():
        if time.monotonic() > until:
            return size, number, False
        size += entry.stat(follow_symlinks=False).st_size
        number += 1
    return size, number, True


def _last_login(folder: Path) -> datetime | None:
    """The last login to the mailbox, as Dovecot noted it."""
    try:
        lines = nofollow.read(folder / LAST_LOGIN, _MOST_NOTED).decode().splitlines()
        return at(float(lines[1]))
    except (OSError, ValueError, IndexError, OverflowError, MailError):
        return None


def of(mailbox: Mailbox, quota: Quota | None = None) -> Content:
    """The content of a mailbox, beside its quota."""
    use: tuple[FolderUse, ...] = ()
    if mailbox.enabled:
        use = _ask_dovecot(mailbox.address)
        size, number = sum(each.bytes for each in use), sum(each.messages for each in use)
        complete = True
    else:
        until = time.monotonic() + _SECONDS
        size, number, complete = count(folder_of(mailbox.address), until)
    quota = quota or Quota(0)
    return Content(
        mailbox.address, size, number, complete,
        _last_login(folder_of(mailbox.address)), use[:MOST_FOLDERS],
        quota.bytes, str(quota) if quota.bytes else '',
    )  # fmt: skip


def of_mailbox(store: Store, mailbox: Mailbox) -> Content:
    """The content of a mailbox, beside the quota that holds for it."""
    domain = store.find(Domain, mailbox.domain)
    return of(mailbox, effective(mailbox.quota, domain.quota if domain else ''))


def of_address(store: Store, address: str) -> Content:
    """The content of the mailbox with an address."""
    return of_mailbox(store, store.get(Mailbox, address))


def folders() -> Iterator[Path]:
    """Yield the folders of all addresses there is mail of."""
    for domain in _below(MAIL_ROOT):
        yield from filter(_is_of_an_address, _below(domain))


def _is_of_an_address(folder: Path) -> bool:
    """Whether a folder can be that of an address: copies and a disk's own are of none."""
    address = f'{folder.name}@{folder.parent.name}'
    try:
        return str(parse_own(address)) == address
    except MailError:
        return False


def _below(folder: Path) -> list[Path]:
    """Folders in a folder, no links."""
    try:
        with nofollow.folder(folder) as handle, os.scandir(handle) as entries:
            names = [each.name for each in entries if each.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, MailError):
        return []
    return [folder / name for name in sorted(names)]


def delete(address: str) -> None:
    """Delete the folder of an address, never anything a symbolic link leads to."""
    folder = folder_of(address)
    with suppress(FileNotFoundError), nofollow.folder(folder):
        pass  # a link in its place is an error
    with suppress(FileNotFoundError), nofollow.folder(folder.parent) as parent:
        shutil.rmtree(folder.name, dir_fd=parent)
