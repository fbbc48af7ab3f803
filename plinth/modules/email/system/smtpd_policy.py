# SPDX-License-Identifier: AGPL-3.0-or-later
"""A policy service for Postfix (SMTPD_POLICY_README): requests, answers, and its end.

It runs while mail comes: systemd starts it with the first question, and it ends after some minutes
without a client. What happens while it does not answer is said in Postfix's settings.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable

IDLE = 300.0
LONGEST_REQUEST = 65_536
MOST_CLIENTS = 600
"""Two of each process of Postfix for mail, of which there are at most 200."""
_FIRST_SOCKET = 3
ATTRIBUTES = (
    'instance', 'protocol_state', 'queue_id', 'recipient', 'recipient_count', 'sasl_username',
    'sender', 'size',
)  # fmt: skip
_ATTRIBUTE = re.compile(f'^({"|".join(ATTRIBUTES)})=(.*)$'.encode(), re.MULTILINE)
Answer = Callable[[dict[str, str]], str]
Tick = Callable[[], object]
TICK_SECONDS = 10.0
"""How often `Tick` is called, what a service does besides answering."""


def parse(request: bytes) -> dict[str, str]:
    """The attributes of a request, as far as they are looked at: Postfix tells thirty."""
    found = _ATTRIBUTE.findall(request)
    return {name.decode(): value.decode('utf-8', 'surrogateescape') for name, value in found}


class PolicyConnection(asyncio.Protocol):
    """One process of Postfix, which asks one question after the other."""

    def __init__(self, service: 'PolicyServer') -> None:
        self._service = service
        self._buffer = b''
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count a client; too many are sent away."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        if not self._service.come(self):
            transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        """Count a client less."""
        self._service.go(self)

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        assert self._transport is not None  # noqa: S101
        *requests, self._buffer = (self._buffer + data).split(b'\n\n')
        for request in requests:
            action = self._service.answer(parse(request))
            self._transport.write(f'action={action}\n\n'.encode('utf-8', 'replace'))
        if len(self._buffer) > LONGEST_REQUEST:
            self._transport.abort()


class PolicyServer:
    """Serves until no client was connected for a while."""

    def __init__(self, answer: Answer, idle: float = IDLE, tick: Tick | None = None) -> None:
        self.answer = answer
        self._idle, self._tick = idle, tick
        self._clients: set[PolicyConnection] = set()
        self._changed = asyncio.Event()

    def come(self, client: PolicyConnection) -> bool:
        """Take a client, unless there are too many."""
        self._changed.set()
        if len(self._clients) >= MOST_CLIENTS:
            return False
        self._clients.add(client)
        return True

    def go(self, client: PolicyConnection) -> None:
        """Let a client go."""
        self._clients.discard(client)
        self._changed.set()

    def _do_tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._tick:
            self._tick()
            loop.call_later(TICK_SECONDS, self._do_tick, loop)

    async def run(self, listening: socket.socket) -> None:
        """Serve a socket."""
        loop = asyncio.get_running_loop()
        # Not create_unix_server: it looks at the socket's path, which is for Postfix alone.
        server = await loop.create_server(lambda: PolicyConnection(self), sock=listening)
        if self._tick:
            loop.call_later(TICK_SECONDS, self._do_tick, loop)
        while True:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                wait = None if self._clients else self._idle
                await asyncio.wait_for(self._changed.wait(), wait)
            if not self._clients and not self._changed.is_set():
                server.close()
                return


def serve(answer: Answer, tick: Tick | None = None) -> None:
    """Serve the socket systemd hands over."""
    asyncio.run(_serve(answer, tick))


async def _serve(answer: Answer, tick: Tick | None) -> None:
    await PolicyServer(answer, tick=tick).run(socket.socket(fileno=_FIRST_SOCKET))
