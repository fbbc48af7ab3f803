# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages the spam filter is taught, each into the memory of one mailbox.

DESCRIPTION
    Rspamd learns behind its local socket, which only root and its own user can open. A line of the
    request names the memory; the message has no say in that. A message that was learned as the
    other kind before is unlearned first.

    What users move waits in `SPOOL`, a folder for each kind. The first line of a file is the
    address of the mailbox, written by Dovecot; the message follows.

DIAGNOSTICS
    rspamd-down  Rspamd does not answer, or cannot learn now
"""

import hashlib
import http.client
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from ..config.rspamd import SOCKET
from ..config.statistic import OWN
from ..directory.mailbox import Mailbox
from ..directory.memory_name import check_memory
from ..directory.store import Store
from ..errors import MailError

Kind = Literal['spam', 'ham']
KINDS: tuple[Kind, ...] = get_args(Kind)
SPOOL = Path('/var/spool/freedombox-email/learn')
SECONDS = 60.0
_LONGEST_ADDRESS = 320
_LEARNED = 200
_LATER = frozenset(range(500, 600))
"""Answers after which a message is worth another try; others say that it was judged."""

Memories = Mapping[str, str]
"""From the address of a mailbox to its memory."""

logger = logging.getLogger(__name__)


class _Controller(http.client.HTTPConnection):
    """The part of Rspamd that learns, behind its local socket."""

    def __init__(self) -> None:
        super().__init__('localhost', timeout=SECONDS)

    def connect(self) -> None:
        """Connect to the socket instead of a port."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(SOCKET)


@contextmanager
def _connected() -> Iterator[_Controller]:
    connection = _Controller()
    try:
        yield connection
    except (OSError, http.client.HTTPException) as error:
        raise MailError('rspamd-down', str(error)) from error
    finally:
        connection.close()


def teach(kind: Kind, message: bytes, memory: str) -> bool:
    """Whether Rspamd learned a message that it did not know; too short ones it never does."""
    check_memory(memory)
    if not memory:
        raise MailError('memory-invalid')
    headers = {'Classifier': OWN, 'Memory': memory, 'Learn-Type': 'bulk'}
    with _connected() as connection:
        connection.request('POST', f'/learn{kind}', message, headers)
        answer = connection.getresponse()
        said = answer.read(1000)
        if answer.status in _LATER:
            raise MailError('rspamd-down', f'{answer.status} {said.decode(errors="replace")}')
        return answer.status == _LEARNED


@dataclass(frozen=True)
class Lesson:
    """A message that a mailbox's owner moved: its kind by that, and the mailbox's address."""

    path: Path
    kind: Kind
    address: str
    message: bytes

    @classmethod
    def read(cls, path: Path) -> 'Lesson':
        """The lesson of a file; a first line that cannot be an address is of no mailbox."""
        line, _, message = path.read_bytes().partition(b'\n')
        address = line[:_LONGEST_ADDRESS].decode('utf-8', 'replace').strip()
        return cls(path, _kind_of(path), address, message)

    @property
    def mark(self) -> bytes:
        """The same for each move of one message in one mailbox."""
        return hashlib.sha256(f'{self.address}\n'.encode() + self.message).digest()


def _kind_of(path: Path) -> Kind:
    return 'spam' if path.parent.name == 'spam' else 'ham'


def waiting(spool: Path = SPOOL) -> list[Path]:
    """Files in the order in which messages were moved, so that the last move of each counts."""
    found = [path for kind in KINDS for path in (spool / kind).iterdir()]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def memories() -> Memories:
    """The memories of all mailboxes."""
    with Store() as store:
        return {each.address: each.memory for each in store.search(Mailbox) if each.memory}


def learn_moved(
    paths: list[Path], known: Memories, teacher: Callable[[Kind, bytes, str], object] = teach
) -> bool:
    """Teach all that waits and remove it; whether nothing is left.

    A message that has to be tried again is not taught its later moves before that.
    """
    left: set[bytes] = set()
    for path in paths:
        lesson = Lesson.read(path)
        if lesson.mark in left or not _done(lesson, known, teacher):
            left.add(lesson.mark)
        else:
            path.unlink()
    return not left


def _done(lesson: Lesson, known: Memories, teacher: Callable[[Kind, bytes, str], object]) -> bool:
    """Whether there is nothing more to do with a lesson: it was taught, or is of no mailbox."""
    memory = known.get(lesson.address, '')
    if not memory:
        logger.warning('A moved message is of no mailbox: %r', lesson.address)
        return True
    try:
        teacher(lesson.kind, lesson.message, memory)
    except MailError as error:
        logger.warning('A moved message has to wait: %s', error.detail or error)
        return False
    return True
