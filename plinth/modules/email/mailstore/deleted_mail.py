# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail that was deleted lately, and how it comes back.

NAME
    deleted_mail - a namespace of Dovecot that no mail app lists, with the last copies of messages

DESCRIPTION
    What a mail app expunges, Dovecot keeps there for `UNDELETE_DAYS` (lazy_expunge). Restoring
    copies messages into the folder `RESTORED` and removes them here, where no one has the right
    to move them (`rights`). Dovecot crashes when a copy exceeds the quota, so sizes are compared
    before. Subjects and senders are those of strangers.

DIAGNOSTICS
    deleted-slow      the mailbox did not answer in time
    deleted-failed    Dovecot could not do it; the detail holds its words
    deleted-missing   the messages are no longer there
    mailbox-full      they do not fit into the mailbox
    mailbox-off       a mailbox that is off has no mail to be shown
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..config.mailbox_room import DELETED_FOLDER
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..system.json_value import JsonValue
from . import content
from .doveadm import FolderCommands

RESTORED = 'Restored'
MOST_SHOWN, MOST_RESTORED = 50, 500
_SECONDS = 10.0
_DOVEADM = FolderCommands('deleted-slow', 'deleted-failed', _SECONDS)
_EXISTS = 65
_FOLDER = 'deleted'
"""Beside the Maildir; Dovecot makes it with the first message."""
_LONGEST = 200
_FIELDS = 'uid date.saved.unixtime hdr.subject.utf8 hdr.from.utf8 size.virtual'


@dataclass(frozen=True)
class DeletedMessage(JsonValue):
    """A message that was deleted: its number, when, and its head as far as it is shown."""

    uid: int
    deleted: datetime
    sender: str
    subject: str
    bytes: int


@dataclass(frozen=True)
class DeletedMail(JsonValue):
    """The newest deleted messages of a mailbox, and how many there are."""

    address: str
    total: int
    messages: tuple[DeletedMessage, ...]


def _rows(mailbox: Mailbox, fields: str, *query: str) -> list[dict[str, Any]]:
    """The deleted messages that a query finds."""
    if mailbox.enabled and not (content.folder_of(mailbox.address) / _FOLDER).is_dir():
        return []
    return _DOVEADM.fetch(mailbox, fields, 'mailbox', DELETED_FOLDER, *query)


def _line(text: str) -> str:
    """A header as one line, without signs that have no width or change its direction."""
    return ''.join(sign if sign.isprintable() else ' ' for sign in text)[:_LONGEST].strip()


def _message(row: dict[str, str]) -> DeletedMessage:
    return DeletedMessage(
        int(row['uid']),
        content.at(float(row['date.saved.unixtime'])),
        _line(row['hdr.from.utf8']),
        _line(row['hdr.subject.utf8']),
        int(row['size.virtual']),
    )


def look(mailbox: Mailbox) -> DeletedMail:
    """The deleted mail of a mailbox, the newest first."""
    uids = sorted(int(row['uid']) for row in _rows(mailbox, 'uid'))
    newest = ','.join(map(str, uids[-MOST_SHOWN:]))
    rows = _rows(mailbox, _FIELDS, 'uid', newest) if uids else []
    messages = sorted(map(_message, rows), key=lambda each: -each.uid)
    return DeletedMail(mailbox.address, len(uids), tuple(messages))


def restore(store: Store, mailbox: Mailbox, uids: Collection[int]) -> int:
    """Move deleted messages into the folder for them; their number."""
    if len(uids) > MOST_RESTORED or not all(0 < uid < 2**32 for uid in uids):
        raise MailError('list-too-long', most=MOST_RESTORED)
    numbers = ','.join(map(str, sorted(set(uids))))
    rows = _rows(mailbox, 'size.virtual', 'uid', numbers) if uids else []
    if not rows:
        raise MailError('deleted-missing')
    _check_room(store, mailbox, sum(int(row['size.virtual']) for row in rows))
    _DOVEADM.run(['mailbox', 'create', '-u', mailbox.address, '-s', RESTORED], (0, _EXISTS))
    found = ['mailbox', DELETED_FOLDER, 'uid', numbers]
    _DOVEADM.run(['copy', '-u', mailbox.address, RESTORED, *found])
    _DOVEADM.run(['expunge', '-u', mailbox.address, *found])
    return len(rows)


def _check_room(store: Store, mailbox: Mailbox, size: int) -> None:
    """Refuse to restore more than fits."""
    room = content.of_mailbox(store, mailbox).room
    if room is not None and size > room:
        raise MailError('mailbox-full', address=mailbox.address)


def look_at(store: Store, address: str) -> DeletedMail:
    """The deleted mail of the mailbox with an address."""
    return look(store.get(Mailbox, address))


def restore_at(store: Store, address: str, uids: Collection[int]) -> int:
    """Restore deleted messages of the mailbox with an address; their number."""
    return restore(store, store.get(Mailbox, address), uids)
