# SPDX-License-Identifier: AGPL-3.0-or-later
"""Memories of the spam filter: how much each has learned, and how one forgets.

DESCRIPTION
    Rspamd keeps the words of a memory in Redis under keys that begin with `KEY` and its name. To
    forget, the mailbox first takes another name, so that nothing is judged by half a memory; then
    the keys of the old one are removed. Keys that are left, should that fail, judge no mail.

DIAGNOSTICS
    mailbox-missing  there is no such mailbox
    redis-refused    Redis has no room for more
    Those of :mod:`.resp`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..config.rspamd import REDIS_SOCKET
from ..config.statistic import LEAST_OWN, LEAST_SHARED, OWN_HAM, OWN_SPAM
from ..directory.mailbox import Mailbox
from ..directory.memory_name import check_memory, is_memory, new_memory
from ..directory.store import Store
from ..errors import MailError
from ..system.json_value import JsonValue
from . import memory_file, resp
from .memory_file import MemoryText, PairCount
from .resp import Redis, Reply, as_bytes, must, scan

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


def percent_used() -> int | None:
    """The part of Redis's memory that is used; None while the spam filter is off."""
    if not Path(REDIS_SOCKET).exists():
        return None
    with _connected() as redis:
        (reply,) = redis.ask(('INFO', 'memory'))
    said = as_bytes(reply).decode().splitlines()
    lines = dict(line.split(':', 1) for line in said if ':' in line)
    return 100 * int(lines['used_memory']) // int(lines['maxmemory'])


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
    _take(store, mailbox, new_memory())


def _take(store: Store, mailbox: Mailbox, memory: str) -> None:
    """Have a mailbox use another memory, and remove the one it had."""
    with store.exclusive(), store.transaction():
        present = store.get(Mailbox, mailbox.address)
        store.change(present, replace(present, memory=memory))
    if present.memory:
        remove(present.memory)


def export(mailbox: Mailbox) -> MemoryText:
    """All that a mailbox's memory has learned."""
    check_memory(mailbox.memory)
    found, prefix = learned(mailbox.memory), f'{KEY}{mailbox.memory}_'.encode()
    with _connected() as redis:
        pairs = memory_file.selected(_pair_counts(redis, prefix))
    return MemoryText(found.junk, found.wanted, pairs)


def _pair_counts(redis: Redis, prefix: bytes) -> Iterator[PairCount]:
    for names in scan(redis, f'{prefix.decode()}*'):
        replies = redis.ask(*(('HMGET', name, 'S', 'H') for name in names))
        for name, reply in zip(names, replies, strict=True):
            token = name.removeprefix(prefix)
            if token.isdigit() and isinstance(reply, list):
                yield PairCount(int(token), *map(_number, reply))


def import_(store: Store, mailbox: Mailbox, text: MemoryText) -> None:
    """Give a mailbox the memory of a text in the place of its own."""
    memory = new_memory()
    key = f'{KEY}{memory}'
    with _connected() as redis:
        for start in range(0, len(text.pairs), _KEYS_AT_ONCE):
            some = text.pairs[start : start + _KEYS_AT_ONCE]
            orders = (('HSET', f'{key}_{each.token}', *_fields(each)) for each in some)
            must(redis.ask(*orders))
        head = ('HSET', key, 'version', 2, 'learns_spam', text.junk, 'learns_ham', text.wanted)
        must(redis.ask(head, *(('SADD', f'{each}_keys', key) for each in (OWN_SPAM, OWN_HAM))))
    _take(store, mailbox, memory)


def _fields(pair: PairCount) -> tuple[str | int, ...]:
    """The fields of a pair's key; Rspamd has none for a kind in which it was not seen."""
    kinds = (('S', pair.junk), ('H', pair.wanted))
    return tuple(word for name, count in kinds if count for word in (name, count)) or ('S', 0)


def remove_history() -> None:
    """Remove the list of the last messages, with their subjects, that Rspamd kept before."""
    if not Path(REDIS_SOCKET).exists():
        return  # the spam filter is off
    with _connected() as redis:
        for names in scan(redis, 'rs_history*'):
            redis.ask(('UNLINK', *names))


def remove_orphans(store: Store) -> None:
    """Remove memories that no mailbox has any more, as of one that was removed."""
    if not Path(REDIS_SOCKET).exists():
        return  # the spam filter is off
    with _connected() as redis:
        keys = redis.ask(*(('SMEMBERS', f'{symbol}_keys') for symbol in (OWN_SPAM, OWN_HAM)))
    kept = {f'{KEY}{each.memory}' for each in store.search(Mailbox)}
    names = {as_bytes(key).decode('ascii', 'replace') for each in keys for key in _list(each)}
    for name in sorted(names - kept):
        if is_memory(name.removeprefix(KEY)):
            remove(name.removeprefix(KEY))


def _list(reply: Reply) -> list[Reply]:
    return reply if isinstance(reply, list) else []


def remove(memory: str) -> None:
    """Remove the keys of a memory by which no mail is judged any more."""
    check_memory(memory)
    if not memory:
        raise MailError('memory-invalid')
    with _connected() as redis:
        for names in scan(redis, f'{KEY}{memory}*'):
            redis.ask(('UNLINK', *names))
        redis.ask(*(('SREM', f'{symbol}_keys', f'{KEY}{memory}') for symbol in (OWN_SPAM, OWN_HAM)))
    logger.info('A memory of the spam filter was removed.')
