# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cost of following the mail log, and of a search among many messages.

It needs no box: lines of the journal are made up, as journalctl gives them, and go the whole way
into a file in a folder that is thrown away. What journalctl itself takes is not in the numbers.

    nice -n 19 python -m lab.bench.stories 1000000
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plinth.modules.email.activity.follower import Follower
from plinth.modules.email.activity.journal_export import ExportReader
from plinth.modules.email.activity.story_store import StorySearch, StoryStore

BATCH = 200
"""Messages of a batch, as many as come in a second at most."""
_START = 1_790_000_000.0
_SPAN = 30 * 86_400
_HOST = 'mx.outside.test[198.51.100.7]'
_HEAD = 'mail.example.test[private/dovecot-lmtp]'
_DELAYS = 'delay=0.4, delays=0.1/0/0.1/0.2'
_RULES = ','.join(f'SOME_RULE_{number}({number / 10:.2f}){{words of it;}}' for number in range(25))
_TIMES = 7


@dataclass(frozen=True)
class _Message:
    """A message to make lines of."""

    number: int
    kind: float
    sender: str
    mailbox: str

    @property
    def queue_id(self) -> str:
        return f'4jcMbK{self.number:09d}'

    @property
    def name(self) -> str:
        return f'{self.number}.x7f3a@outside.test'


def _check(message: _Message) -> tuple[str, str]:
    action = 'reject' if message.kind < 0.3 else 'no action'
    return 'rspamd', (
        f'<1f9a2c>; proxy; rspamd_task_write_log: id: <{message.name}>, qid: <{message.queue_id}>, '
        f'ip: 198.51.100.7, from: <{message.sender}>, (default: F ({action}): [1.50/15.00] '
        f'[{_RULES}]), len: 1932, time: 5.914ms, dns req: 12, '
        f'digest: <0123456789abcdef0123456789abcdef>, rcpts: <{message.mailbox}>'
    )


def _refusal(message: _Message) -> tuple[str, str]:
    return 'postfix/cleanup', (
        f'{message.queue_id}: milter-reject: END-OF-MESSAGE from {_HOST}: 5.7.1 Spam; '
        f'from=<{message.sender}> to=<{message.mailbox}> proto=ESMTP helo=<mx.outside.test>'
    )


def _delivery(message: _Message) -> Iterator[tuple[str, str]]:
    """The lines of a delivery to a mailbox."""
    session = f'yGoNLJ2zLWkYHgAA{message.number:07d}'
    yield (
        'dovecot',
        (
            f'lmtp({message.mailbox})<7704><{session}>: sieve: msgid=<{message.name}>: '
            "stored mail into mailbox 'INBOX'"
        ),
    )
    yield (
        'postfix/lmtp',
        (
            f'{message.queue_id}: to=<{message.mailbox}>, relay={_HEAD}, {_DELAYS}, dsn=2.0.0, '
            f'status=sent (250 2.0.0 <{message.mailbox}> {session} Saved)'
        ),
    )


def _sending(message: _Message) -> tuple[str, str]:
    status, code = ('bounced', '5.1.1') if message.kind < 0.9001 else ('sent', '2.0.0')
    return 'postfix/smtp', (
        f'{message.queue_id}: to=<friend{message.number % 900}@far.test>, '
        f'relay=mx.far.test[192.0.2.1]:25, {_DELAYS}, dsn={code}, '
        f'status={status} (250 2.0.0 OK 1764541234 gsmtp)'
    )


def _lines(number: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """The lines of one message: mostly delivered, some refused, sent, returned or waiting."""
    message = _Message(
        number, rng.random(), f'sender{rng.randrange(50_000)}@domain{rng.randrange(2000)}.test',
        f'user{min(int(rng.expovariate(0.1)), 99)}@example.test',
    )  # fmt: skip
    queue_id = message.queue_id
    yield 'postfix/smtpd', f'{queue_id}: client={_HOST}'
    yield 'postfix/cleanup', f'{queue_id}: message-id=<{message.name}>'
    yield _check(message)
    if message.kind < 0.3:
        yield _refusal(message)
        return
    yield 'postfix/qmgr', f'{queue_id}: from=<{message.sender}>, size=1932, nrcpt=1 (queue active)'
    if message.kind < 0.9:
        yield from _delivery(message)
    else:
        yield _sending(message)
    yield 'postfix/qmgr', f'{queue_id}: removed'


def _journal(number: int, total: int, rng: random.Random) -> Iterator[bytes]:
    """The lines of a message as journalctl writes them."""
    moment = _START + _SPAN * number / total
    for place, (source, text) in enumerate(_lines(number, rng)):
        yield (
            f'__CURSOR=s=3f0c1a;i={number:x}{place:x};b=0a1b2c;m=1;t=5e6f;x=7a8b9c\n'
            f'__REALTIME_TIMESTAMP={int(1_000_000 * (moment + place / 1000))}\n'
            '__MONOTONIC_TIMESTAMP=123456\n__SEQNUM=4711\n__SEQNUM_ID=0a1b2c3d4e5f60718293a4b5c6d7\n'
            f'_BOOT_ID=0a1b2c3d4e5f60718293a4b5c6d7e8f9\nSYSLOG_IDENTIFIER={source}\n'
            f'MESSAGE={text}\n\n'
        ).encode()


def fill(store: StoryStore, total: int) -> float:
    """Follow so many messages; the processor time of one, in milliseconds."""
    rng, follower, used = random.Random(7), Follower(store), 0.0  # noqa: S311
    reader = ExportReader()
    for start in range(0, total, BATCH):
        data = b''.join(
            line
            for number in range(start, min(start + BATCH, total))
            for line in _journal(number, total, rng)
        )
        begin = time.process_time()
        follower.take(reader.take(data))
        used += time.process_time() - begin
    return 1000 * used / total


_SEARCHES = (
    ('the last messages', StorySearch()),
    ('a busy address', StorySearch(('user0@example.test',))),
    ('a busy address, a rare result', StorySearch(('user0@example.test',), 'returned')),
    ('a domain, a rare result', StorySearch(('@example.test',), 'returned')),
    ('a rare result', StorySearch(result='returned')),
    ('an address that is unknown', StorySearch(('nobody@example.test',))),
    ('a Message-ID', StorySearch(message_id='777.x7f3a@outside.test')),
    ('a day', StorySearch(since=_START + 86_400, until=_START + 2 * 86_400)),
    ('a busy address on a day', StorySearch(('user0@example.test',), since=_START + 86_400,
                                            until=_START + 2 * 86_400)),
    ('three addresses of a person', StorySearch(('user1@example.test', 'user2@example.test',
                                                 'user3@example.test'))),
    ('a page in the middle', StorySearch(('@example.test',), before=5000)),
)  # fmt: skip


def search_times(path: Path, wanted: StorySearch) -> list[float]:
    """Milliseconds of a search, each with a connection of its own."""
    found = []
    for _ in range(_TIMES):
        begin = time.perf_counter()
        store = StoryStore(path)
        store.search(wanted)
        store.close()
        found.append(1000 * (time.perf_counter() - begin))
    return found


def main() -> None:
    """Print the numbers."""
    total = int(sys.argv[1])
    with tempfile.TemporaryDirectory(dir='/var/tmp') as folder:
        path = Path(folder) / 'stories.sqlite3'
        store = StoryStore(path)
        cost = fill(store, total)
        print(f'{total} messages, following one: {cost:.3f} ms of processor time (goal 0.4)')
        print(f'the file: {store.bytes_used() / 1_000_000:.0f} MB')
        store.close()
        for title, wanted in _SEARCHES:
            times = search_times(path, wanted)
            print(f'{title}: {statistics.median(times):.1f} ms, at most {max(times):.1f} ms')
        store = StoryStore(path)
        begin = time.perf_counter()
        store.prune(_START + _SPAN / 2 + 30 * 86_400, 30, 2 * 10**9)
        print(f'removing 2000 old ones: {1000 * (time.perf_counter() - begin):.0f} ms')
        store.close()


if __name__ == '__main__':
    main()
