# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stored mail from which the memory of a mailbox learns, so that it need not begin with nothing.

DESCRIPTION
    Junk is in the folder Junk. Wanted is what the owner filed or wrote, in Archive and Sent, and
    what they answered in the inbox. The newest messages come first; so many of each kind at most,
    and as many as there is time for. What was learned already is passed over quickly, so the same
    order again goes on with the rest.

DIAGNOSTICS
    Those of :mod:`..mailstore.preauth` and :mod:`.learning`.
"""

import imaplib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ..directory.mailbox import Mailbox
from ..mailstore import preauth
from ..system.json_value import JsonValue
from .learning import Kind, teach

MOST = 200
"""Messages of each folder that are looked at: more take much memory and judge little better."""
SECONDS = 20.0
_LARGEST = 256 * 1024
"""Bytes of a message that are read: words of bigger ones come late or are attachments'."""
_FOLDERS: tuple[tuple[Kind, str, str], ...] = (
    ('spam', 'Junk', 'UNDELETED'),
    ('ham', 'Sent', 'UNDELETED'),
    ('ham', 'Archive', 'UNDELETED'),
    ('ham', 'INBOX', 'ANSWERED UNDELETED'),
)
_NUMBER = re.compile(rb'[1-9][0-9]{0,9}')


@dataclass(frozen=True)
class BulkLearning(JsonValue):
    """The messages that were learned now, of each kind, and whether there was time for all."""

    junk: int = 0
    wanted: int = 0
    complete: bool = True

    def __add__(self, other: 'BulkLearning') -> 'BulkLearning':
        """The sum of both."""
        both = self.complete and other.complete
        return BulkLearning(self.junk + other.junk, self.wanted + other.wanted, both)


def learn_stored(mailbox: Mailbox, seconds: float = SECONDS) -> BulkLearning:
    """Learn from the stored mail of a mailbox."""
    end = time.monotonic() + seconds
    done = BulkLearning()
    with preauth.opened(mailbox) as session:
        # Each kind has half the time, or a full Junk would leave none for the rest.
        for kind, folder, which in _FOLDERS:
            until = end - seconds / 2 if kind == 'spam' else end
            done += _learn_folder(session, kind, folder, which, mailbox.memory, until)
    return done


def _learn_folder(
    session: imaplib.IMAP4, kind: Kind, folder: str, which: str, memory: str, until: float
) -> BulkLearning:
    """Learn from a folder; one that is not there is empty."""
    if session.select(folder, readonly=True)[0] != 'OK':
        return BulkLearning()
    number, complete = 0, True
    for uid in _newest(session, which):
        if time.monotonic() > until:
            complete = False
            break
        number += sum(teach(kind, message, memory) for message in _read(session, uid))
    return BulkLearning(*((number, 0) if kind == 'spam' else (0, number)), complete)


def _newest(session: imaplib.IMAP4, which: str) -> list[str]:
    """The numbers of the newest messages of a folder, the last one first."""
    _answer, (found,) = session.uid('SEARCH', which)
    return [each.decode() for each in _NUMBER.findall(found or b'')][-MOST:][::-1]


def _read(session: imaplib.IMAP4, uid: str) -> Iterator[bytes]:
    """The beginning of a message, unless it is gone."""
    _answer, parts = session.uid('FETCH', uid, f'(BODY.PEEK[]<0.{_LARGEST}>)')
    for part in parts:
        if isinstance(part, tuple):
            yield part[1]
