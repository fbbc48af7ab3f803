# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policy service Postfix asks about mail of users: requests, answers, and its end.

It runs while users send: systemd starts it with the first question, and it ends after some minutes
without a client. While it does not answer, Postfix takes mail to own domains alone: see
`config/send_policy.py`.
"""

import asyncio
import contextlib
import os
import re
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.send_limits import SendLimits, usual
from ..directory.store import Store
from ..errors import MailError
from . import held_notes
from .limits import FRESH_SECONDS, SendingMailbox, SendingMailboxes, SendPolicy
from .sent_counts import SentCounts

IDLE = 300.0
LONGEST_REQUEST = 65_536
MOST_CLIENTS = 600
"""Two of each process of Postfix for users' mail, of which there are at most 200."""
_FIRST_SOCKET = 3
ATTRIBUTES = (
    'instance', 'protocol_state', 'queue_id', 'recipient', 'recipient_count', 'sasl_username',
    'sender', 'size',
)  # fmt: skip
_ATTRIBUTE = re.compile(f'^({"|".join(ATTRIBUTES)})=(.*)$'.encode(), re.MULTILINE)
Answer = Callable[[dict[str, str]], str]


class DirectoryLook:
    """Looks for mailboxes and their limits; domains are the same for all for some seconds.

    Its connection is kept, for opening one costs more than asking; a lost one is opened again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open = contextlib.ExitStack()
        self._store: Store | None = None
        self._domains: dict[str, Domain] = {}
        self._until = 0.0

    def __call__(self, login: str) -> SendingMailbox:
        """The mailbox a login is."""
        was_open = self._store is not None
        try:
            return self._find(login)
        except MailError:
            self.close()
            if not was_open:
                raise
            return self._find(login)

    def close(self) -> None:
        """Close the connection."""
        self._store = None
        self._open.close()

    def _find(self, login: str) -> SendingMailbox:
        store = self._store = self._store or self._open.enter_context(Store())
        if self._clock() >= self._until:
            self._domains = {each.name: each for each in store.search(Domain)}
            self._until = self._clock() + FRESH_SECONDS
        return self._sender(login, store.find(Mailbox, login))

    def _sender(self, login: str, mailbox: Mailbox | None) -> SendingMailbox:
        domain = self._domains.get(login.rpartition('@')[2])
        limits = SendLimits.of(mailbox) if mailbox else SendLimits()
        limits = limits.or_else(SendLimits.of(domain) if domain else SendLimits())
        on = [each for each in self._domains.values() if each.enabled]
        names = frozenset(name for each in on for name in (each.name, each.unicode_name.lower()))
        return SendingMailbox(limits.or_else(usual()), names, mailbox.closed if mailbox else '')


def parse(request: bytes) -> dict[str, str]:
    """The attributes of a request, as far as they are looked at: Postfix tells thirty."""
    found = _ATTRIBUTE.findall(request)
    return {name.decode(): value.decode('utf-8', 'surrogateescape') for name, value in found}


class PolicyConnection(asyncio.Protocol):
    """One process of Postfix, which asks one question after the other."""

    def __init__(self, service: 'LimitsService') -> None:
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


class LimitsService:
    """Serves until no client was connected for a while."""

    def __init__(self, answer: Answer, idle: float = IDLE) -> None:
        self.answer = answer
        self._idle = idle
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

    async def run(self, listening: socket.socket) -> None:
        """Serve a socket."""
        loop = asyncio.get_running_loop()
        # Not create_unix_server: it looks at the socket's path, which is for Postfix alone.
        server = await loop.create_server(lambda: PolicyConnection(self), sock=listening)
        while True:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                wait = None if self._clients else self._idle
                await asyncio.wait_for(self._changed.wait(), wait)
            if not self._clients and not self._changed.is_set():
                server.close()
                return


def main() -> None:
    """Serve the socket systemd hands over."""
    os.umask(0o077)
    folder = Path(os.environ.get('STATE_DIRECTORY', str(held_notes.FOLDER)))
    held_notes.prepare(folder)
    counts = SentCounts(folder / 'counts.sqlite3')
    policy = SendPolicy(SendingMailboxes(DirectoryLook()), counts, folder)
    try:
        asyncio.run(_serve(policy))
    finally:
        counts.close()
        sys.stdout.flush()


async def _serve(policy: SendPolicy) -> None:
    await LimitsService(policy.answer).run(socket.socket(fileno=_FIRST_SOCKET))
