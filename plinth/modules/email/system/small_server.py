# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server for a few local clients in one thread, small enough for a service of its own.

`asyncio` would do, and takes 7 MiB of memory in each process, because it loads TLS, logging and
Python's own parser. Here each client has an exchange, which is given what came and says what
to answer. Answers are short and clients read each before they ask again, so a client that does
not take an answer at once is cut off.

It can end when no client was connected for a while: systemd holds the socket and starts the service
again with the next question.
"""

import selectors
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Protocol

_CHUNK = 65_536
_SEND_SECONDS = 1.0
TICK_SECONDS = 10.0
"""How often `Tick` is called, what a service does besides answering."""
ENDS = (OSError, ValueError, LookupError, TypeError, EOFError)
"""Errors that end one exchange."""


class Exchange(Protocol):
    """Questions and answers of one client."""

    def take(self, data: bytes) -> bytes:
        """The answers to what came; an error of `ENDS` closes the connection."""


Opened = Callable[[socket.socket], Exchange | None]
"""The exchange with a client that comes, None for one that is sent away."""
Tick = Callable[[], object]


class SmallServer:
    """Serves a socket, for ever or until no client was there for `idle` seconds."""

    def __init__(
        self, opened: Opened, most: int, idle: float | None = None, tick: Tick | None = None
    ) -> None:
        self._opened, self._most, self._idle, self._tick = opened, most, idle, tick
        self._clients: dict[socket.socket, Exchange] = {}
        self._selector = selectors.DefaultSelector()

    def run(self, listening: socket.socket) -> None:
        """Serve a socket."""
        listening.setblocking(False)
        self._selector.register(listening, selectors.EVENT_READ)
        with closing(listening), closing(self._selector):
            self._run(listening)

    def _run(self, listening: socket.socket) -> None:
        ticked = quiet_since = time.monotonic()
        while True:
            events = self._selector.select(self._wait(ticked, quiet_since))
            for key, _mask in events:
                if key.fileobj is listening:
                    self._accept(listening)
                elif isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)
            now = time.monotonic()
            if self._tick and now - ticked >= TICK_SECONDS:
                ticked = now
                self._tick()
            if events or self._clients:
                quiet_since = now
            elif self._idle is not None and now - quiet_since >= self._idle:
                return

    def _wait(self, ticked: float, quiet_since: float) -> float | None:
        """The seconds until there is something to do without an event."""
        ends = [ticked + TICK_SECONDS] if self._tick else []
        if self._idle is not None and not self._clients:
            ends.append(quiet_since + self._idle)
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _accept(self, listening: socket.socket) -> None:
        """Take a client, unless there are too many."""
        try:
            client, _address = listening.accept()
        except OSError:
            return  # it is gone again
        exchange = self._opened(client) if len(self._clients) < self._most else None
        if exchange is None:
            client.close()
            return
        client.settimeout(_SEND_SECONDS)
        self._clients[client] = exchange
        self._selector.register(client, selectors.EVENT_READ)

    def _read(self, client: socket.socket) -> None:
        """Answer what a client says; at its end, or after an error, let it go."""
        try:
            data = client.recv(_CHUNK)
            answer = self._clients[client].take(data) if data else b''
            if answer:
                client.sendall(answer)
        except ENDS as error:
            print(f'a client was cut off: {type(error).__name__}', file=sys.stderr)
            data = b''
        if not data:
            self._selector.unregister(client)
            del self._clients[client]
            client.close()
