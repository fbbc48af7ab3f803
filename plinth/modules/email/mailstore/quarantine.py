# SPDX-License-Identifier: AGPL-3.0-or-later
"""Possible spam in quarantine: listed, released into the inbox, or deleted.

NAME
    quarantine - the folder `Quarantine` of a mailbox, which delivery makes when it is needed

DESCRIPTION
    It is a folder like any other: mail apps may open it, it counts in the quota once, and is in
    backups. A message is known by a hash of the identifier that Dovecot gives it and nothing
    changes. A released message is moved as its owner could move it, so that the filter learns from
    it. Subjects and senders are those of strangers.

DIAGNOSTICS
    quarantine-missing   the message was released or deleted meanwhile
    quarantine-failed    Dovecot could not do it; the detail holds its words
    quarantine-slow      the mailbox did not answer in time
    mailbox-off          a mailbox that is off has no mail to be shown
    mailbox-silent       Dovecot did not open it
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..config.folders import QUARANTINE
from ..directory.mailbox import Mailbox
from ..errors import MailError
from ..system import files
from ..system.json_value import JsonValue
from . import content
from .doveadm import FolderCommands
from .preauth import opened
from .waiting import plain_line, proven_author

MOST = 200
"""Messages shown of one mailbox, the latest first."""
LOCK = Path('/run/freedombox-email-quarantine.lock')
_LOCK_SECONDS = 10.0
_SECONDS = 20.0
_DOVEADM = FolderCommands('quarantine-slow', 'quarantine-failed', _SECONDS)
_NO_SUCH_FOLDER = 68
_FIELDS = (
    'uid guid date.saved.unixtime hdr.subject.utf8 hdr.from.utf8 size.virtual '
    'hdr.x-freedombox-undecided hdr.x-freedombox-author'
)
_ID = re.compile('[0-9a-f]{32}')
_POINTS = re.compile(r'(-?\d{1,4}\.\d) (-?\d{1,4}\.\d)')


@dataclass(frozen=True)
class QuarantinedMessage(JsonValue):
    """A message in quarantine; its texts are of strangers, made into one short line each.

    `points` are those of the spam filter, `likely` those from which on a message is likely spam;
    both are '' where the message does not say. `author` is the address it is proven to be from,
    '' if it is not.
    """

    id: str
    sender: str
    subject: str
    at: datetime
    bytes: int
    points: str = ''
    likely: str = ''
    author: str = ''


@dataclass(frozen=True)
class Quarantine(JsonValue):
    """The latest messages in the quarantine of a mailbox, and how many there are."""

    address: str
    total: int
    messages: tuple[QuarantinedMessage, ...]


def id_of(guid: str) -> str:
    """The identifier of a message by the one Dovecot gives it."""
    return hashlib.sha256(guid.encode()).hexdigest()[:32]


def is_id(text: str) -> bool:
    """Whether a text has the form of an identifier."""
    return bool(_ID.fullmatch(text))


def _rows(mailbox: Mailbox, fields: str, *query: str) -> list[dict[str, Any]]:
    """The messages in quarantine that a query finds."""
    fine = (0, _NO_SUCH_FOLDER)
    return _DOVEADM.fetch(mailbox, fields, 'mailbox', QUARANTINE, *query, fine=fine)


def _message(row: dict[str, str]) -> QuarantinedMessage:
    points = _POINTS.fullmatch(row['hdr.x-freedombox-undecided'].strip())
    return QuarantinedMessage(
        id_of(row['guid']),
        plain_line(row['hdr.from.utf8']),
        plain_line(row['hdr.subject.utf8']),
        content.at(float(row['date.saved.unixtime'])),
        int(row['size.virtual']),
        points[1] if points else '',
        points[2] if points else '',
        proven_author(row['hdr.x-freedombox-author']),
    )


def look(mailbox: Mailbox) -> Quarantine:
    """The quarantine of a mailbox, the latest messages first."""
    uids = sorted(int(row['uid']) for row in _rows(mailbox, 'uid'))
    latest = ','.join(map(str, uids[-MOST:]))
    rows = _rows(mailbox, _FIELDS, 'uid', latest) if uids else []
    messages = map(_message, sorted(rows, key=lambda row: -int(row['uid'])))
    return Quarantine(mailbox.address, len(uids), tuple(messages))


def _find(mailbox: Mailbox, id_: str) -> tuple[str, QuarantinedMessage]:
    """The number of a message in quarantine, and the message."""
    rows = _rows(mailbox, 'uid guid') if is_id(id_) else []
    for uid in (str(int(row['uid'])) for row in rows if id_of(row['guid']) == id_):
        for row in _rows(mailbox, _FIELDS, 'uid', uid):
            return uid, _message(row)
    raise MailError('quarantine-missing')


def find(mailbox: Mailbox, id_: str) -> QuarantinedMessage:
    """A message in quarantine."""
    return _find(mailbox, id_)[1]


@contextmanager
def _alone(mailbox: Mailbox, id_: str) -> Iterator[tuple[str, QuarantinedMessage]]:
    """A message that no one else acts on, and its number."""
    with files.locked(LOCK, _LOCK_SECONDS):
        yield _find(mailbox, id_)


def release(mailbox: Mailbox, id_: str) -> QuarantinedMessage:
    """Move a message into the inbox, which teaches the filter that it is wanted.

    It counted in the quota before, but Dovecot moves none in a mailbox that is more than full.
    """
    with _alone(mailbox, id_) as (uid, message), opened(mailbox, _SECONDS, quota=False) as session:
        session.select(QUARANTINE)
        status, words = session.uid('MOVE', uid, 'INBOX')
        if status != 'OK':
            raise MailError('quarantine-failed', str(words)[:200])
    return message


def delete(mailbox: Mailbox, id_: str) -> QuarantinedMessage:
    """Delete a message; it can be restored for a while like all deleted mail."""
    with _alone(mailbox, id_) as (uid, message):
        _DOVEADM.run(['expunge', '-u', mailbox.address, 'mailbox', QUARANTINE, 'uid', uid])
    return message
