# SPDX-License-Identifier: AGPL-3.0-or-later
"""Conversations with a Redis server, in its own protocol (RESP, version 2).

A server is believed as little as its values: any process may listen on a port that Redis does
not hold. What it says is bounded in bytes and in time, and only ever handled as bytes.

DIAGNOSTICS
    redis-silent    the server does not answer, or not in time
    redis-confused  what it says is not the protocol, or is too much
    redis-refused   it refuses what it is asked
"""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import MailError

Word = bytes | str | int
Place = str | tuple[str, int]
"""A local socket, or a host and port."""
_LINE = 64 * 1024
_ROWS = 1_000_000
_DEPTH = 4
_KEYS_AT_ONCE = 200


@dataclass(frozen=True)
class Refusal:
    """An error a server answers a command with."""

    text: str


Reply = bytes | int | None | Refusal | list['Reply']


def command(*words: Word) -> bytes:
    """A command as it goes over the line."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b'*%d\r\n' % len(parts) + b''.join(b'$%d\r\n%b\r\n' % (len(p), p) for p in parts)


def _confused(what: str) -> MailError:
    return MailError('redis-confused', what)


class Redis:
    """One conversation; use :func:`connected`."""

    def __init__(self, connection: socket.socket, most_bytes: int, end: float) -> None:
        self._connection = connection
        self._left = most_bytes
        self._end = end
        self._read = bytearray()

    def ask(self, *commands: Sequence[Word]) -> list[Reply]:
        """The answers to commands that are sent at once."""
        self._wait()
        self._connection.sendall(b''.join(command(*words) for words in commands))
        return [self._reply() for _each in commands]

    def _wait(self) -> None:
        """Let the next step take no longer than there is time."""
        self._connection.settimeout(max(self._end - time.monotonic(), 0.001))

    def _fill(self) -> None:
        self._wait()
        more = self._connection.recv(256 * 1024)
        if not more:
            raise ConnectionError('connection closed')
        self._left -= len(more)
        if self._left < 0:
            raise _confused('too long a reply')
        self._read += more

    def _take(self, count: int) -> bytes:
        while len(self._read) < count:
            self._fill()
        taken = bytes(self._read[:count])
        del self._read[:count]
        return taken

    def _line(self) -> bytes:
        while (end := self._read.find(b'\r\n')) < 0:
            if len(self._read) > _LINE:
                raise _confused('a line without an end')
            self._fill()
        return self._take(end + 2)[:-2]

    def _reply(self, depth: int = 0) -> Reply:
        kind, rest = (line := self._line())[:1], line[1:]
        if kind == b'-':
            return Refusal(rest.decode(errors='replace'))
        if kind == b'+':
            return rest
        if kind == b':':
            return _number(rest)
        if kind == b'$':
            return self._bulk(_number(rest))
        if kind == b'*' and depth < _DEPTH:
            count = _number(rest)
            if count > _ROWS:
                raise _confused('too long a list')
            return [self._reply(depth + 1) for _each in range(count)]
        raise _confused(repr(line[:100]))

    def _bulk(self, size: int) -> bytes | None:
        return None if size < 0 else self._take(size + 2)[:-2]


def _number(text: bytes) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise _confused(repr(text[:100])) from error


def _open(place: Place, seconds: float) -> socket.socket:
    if not isinstance(place, str):
        return socket.create_connection(place, seconds)
    local = socket.socket(socket.AF_UNIX)
    local.settimeout(seconds)
    try:
        local.connect(place)
    except OSError:
        local.close()
        raise
    return local


@contextmanager
def connected(place: Place, most_bytes: int, seconds: float) -> Iterator[Redis]:
    """Hold a conversation that may take so long and hear so much.

    Raises ConnectionRefusedError where no server listens.
    """
    end = time.monotonic() + seconds
    try:
        with _open(place, seconds) as connection:
            yield Redis(connection, most_bytes, end)
    except ConnectionRefusedError:
        raise
    except OSError as error:
        raise MailError('redis-silent', f'{place}: {error}') from error


def as_bytes(reply: Reply) -> bytes:
    """A reply that is to be a text, else an empty one."""
    return reply if isinstance(reply, bytes) else b''


def must(replies: list[Reply]) -> list[Reply]:
    """The replies, none of which is a refusal."""
    for reply in replies:
        if isinstance(reply, Refusal):
            raise MailError('redis-refused', reply.text)
    return replies


def scan(redis: Redis, pattern: str = '*') -> Iterator[list[bytes]]:
    """Names of the keys of a database that have this form, some at a time and never none."""
    cursor: Reply = b'0'
    while True:
        order = ('SCAN', as_bytes(cursor), 'MATCH', pattern, 'COUNT', _KEYS_AT_ONCE)
        match must(redis.ask(order)):
            case [[cursor, [*names]]]:
                if names:
                    yield [as_bytes(name) for name in names]
            case _:
                raise MailError('redis-confused')
        if cursor == b'0':
            return
