# SPDX-License-Identifier: AGPL-3.0-or-later
"""Memories of the spam filter: how much each has learned, and how one forgets.

DESCRIPTION
    Rspamd keeps the words of a memory in Redis under keys that begin with `KEY` and its name. To
    forget, the mailbox first takes another name, so that nothing is judged by half a memory; then
    the keys of the old one are removed. Keys that are left, should that fail, judge no mail.

DIAGNOSTICS
    mailbox-missing  there is no such mailbox
    Those of :mod:`.resp`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..config.rspamd import REDIS_SOCKET
from ..config.statistic import LEAST_OWN, LEAST_SHARED, OWN_HAM, OWN_SPAM
from ..directory.mailbox import Mailbox
from ..directory.memory_name import check_memory, new_memory
from ..directory.store import Store
from ..errors import MailError
from ..system.json_value import JsonValue
from . import resp
from .resp import Redis, Reply

KEY = 'RS'
"""The key of the shared memory, with which those of the others begin."""
_MOST_BYTES = 64 * 1024 * 1024
_SECONDS = 30.0
_KEYS_AT_ONCE = 1000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Learned(JsonValue):
    """The numbers of messages a memory has learned, and the least it needs of each kind."""

    junk: int = 0
    wanted: int = 0
    least: int = LEAST_OWN

    @property
    def missing_junk(self) -> int:
        """Junk messages until mail is judged by this memory."""
        return max(0, self.least - self.junk)

    @property
    def missing_wanted(self) -> int:
        """Wanted messages until mail is judged by this memory."""
        return max(0, self.least - self.wanted)

    @property
    def is_used(self) -> bool:
        """Whether mail is judged by it."""
        return not self.missing_junk and not self.missing_wanted


def learned(memory: str) -> Learned:
    """The numbers of a mailbox's memory; one without a name has learned nothing."""
    check_memory(memory)
    return _look(f'{KEY}{memory}', LEAST_OWN) if memory else Learned()


def learned_shared() -> Learned:
    """The numbers of the memory that all mailboxes share."""
    return _look(KEY, LEAST_SHARED)


def _look(key: str, least: int) -> Learned:
    with _connected() as redis:
        (reply,) = redis.ask(('HMGET', key, 'learns_spam', 'learns_ham'))
    match reply:
        case [spam, ham]:
            return Learned(_number(spam), _number(ham), least)
        case _:
            raise MailError('redis-confused', repr(reply)[:200])


def _number(reply: Reply) -> int:
    """A count; one that went below zero by unlearning is none."""
    text = reply if isinstance(reply, bytes) else b''
    return max(0, int(text)) if text.removeprefix(b'-').isdigit() else 0


@contextmanager
def _connected() -> Iterator[Redis]:
    try:
        with resp.connected(REDIS_SOCKET, _MOST_BYTES, _SECONDS) as redis:
            yield redis
    except ConnectionRefusedError as error:
        raise MailError('redis-silent', str(error)) from error


def forget(store: Store, mailbox: Mailbox) -> None:
    """Have a mailbox begin with an empty memory."""
    with store.exclusive(), store.transaction():
        present = store.get(Mailbox, mailbox.address)
        store.change(present, replace(present, memory=new_memory()))
    if present.memory:
        remove(present.memory)


def remove(memory: str) -> None:
    """Remove the keys of a memory by which no mail is judged any more."""
    check_memory(memory)
    if not memory:
        raise MailError('memory-invalid')
    with _connected() as redis:
        for names in _keys(redis, f'{KEY}{memory}*'):
            redis.ask(('UNLINK', *names))
        redis.ask(*(('SREM', f'{symbol}_keys', f'{KEY}{memory}') for symbol in (OWN_SPAM, OWN_HAM)))
    logger.info('A memory of the spam filter was removed.')


def _keys(redis: Redis, pattern: str) -> Iterator[list[bytes]]:
    """Names of keys, some at a time."""
    cursor: Reply = b'0'
    while True:
        (reply,) = redis.ask(('SCAN', _text(cursor), 'MATCH', pattern, 'COUNT', _KEYS_AT_ONCE))
        match reply:
            case [cursor, [*names]]:
                if names:
                    yield [_text(name) for name in names]
            case _:
                raise MailError('redis-confused', repr(reply)[:200])
        if cursor == b'0':
            return


def _text(reply: Reply) -> bytes:
    return reply if isinstance(reply, bytes) else b''
