# SPDX-License-Identifier: AGPL-3.0-or-later
"""The protocol by which Postfix asks services of ours, see socketmap_table(5).

A question names a table and a key. Questions and answers are netstrings. A service runs only while
it is asked: systemd holds its sockets and starts it with the first question.

DIAGNOSTICS
    NOTFOUND    there is no answer
    TEMP        unknown: Postfix keeps the message and asks again
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Awaitable, Callable

IDLE = 300.0
SILENCE = 600.0
"""How long a client may say nothing. Postfix ends its own connections long before."""
MOST_CLIENTS = 300
"""Postfix runs at most 100 programs of a kind."""
_LONGEST_QUESTION = 1000
LONGEST = 100_000
"""The longest answer Postfix takes (`socketmap_max_reply_size`)."""
FIRST_SOCKET = 3
NOT_FOUND = b'NOTFOUND '

Answer = Callable[[bytes], Awaitable[bytes]]


def encode(data: bytes) -> bytes:
    """Data as a netstring."""
    return b'%d:%s,' % (len(data), data)


async def read(stream: asyncio.StreamReader, longest: int = LONGEST) -> bytes | None:
    """The next netstring, None at the end; ValueError when it is none or too long."""
    head = await stream.read(1)
    if not head:
        return None
    while not head.endswith(b':'):
        head += await stream.readexactly(1)
        if len(head) > len(str(longest)) + 1:
            raise ValueError('not a netstring')
    size = int(head[:-1])
    if size > longest:
        raise ValueError('too long a netstring')
    data = await stream.readexactly(size + 1)
    if not data.endswith(b','):
        raise ValueError('not a netstring')
    return data[:-1]


class SocketMapService:
    """A service that ends when it had no client for long."""

    def __init__(self, answer: Answer, idle: float = IDLE, silence: float = SILENCE) -> None:
        self.answer = answer
        self.idle = idle
        self.silence = silence
        self.clients = 0
        self.changed = asyncio.Event()

    async def serve_client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one client's questions."""
        if self.clients >= MOST_CLIENTS:
            writer.close()
            return
        self.clients += 1
        self.changed.set()
        try:
            while (
                request := await asyncio.wait_for(read(reader, _LONGEST_QUESTION), self.silence)
            ) is not None:
                writer.write(encode(await self.answer(request)))
                await asyncio.wait_for(writer.drain(), self.silence)
        except TimeoutError:
            pass
        except (OSError, ValueError, EOFError) as error:
            print(f'a client was cut off: {error}', file=sys.stderr)
        finally:
            self.clients -= 1
            self.changed.set()
            writer.close()

    async def run(self, *listening: socket.socket) -> None:
        """Serve until no client was connected for a while."""
        # Not start_unix_server: it looks at the socket's path, which is for Postfix alone, and
        # from Python 3.13 on removes it at the end.
        servers = [await asyncio.start_server(self.serve_client, sock=each) for each in listening]
        while True:
            self.changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), None if self.clients else self.idle)
            if not self.clients and not self.changed.is_set():
                for server in servers:
                    server.close()
                return
