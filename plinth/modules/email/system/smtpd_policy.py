# SPDX-License-Identifier: AGPL-3.0-or-later
"""A policy service for Postfix (SMTPD_POLICY_README): requests, answers, and its end.

It runs while mail comes: systemd starts it with the first question, and it ends half a minute after
the last client. Processes of Postfix stay clients for a minute or two. What happens while it does
not answer is said in Postfix's settings.
"""

import re
import socket
from collections.abc import Callable

from .small_server import SmallServer, Tick

IDLE = 30.0
"""It takes some 15 MiB while it runs, and a fifth of a second to start."""
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


def parse(request: bytes) -> dict[str, str]:
    """The attributes of a request, as far as they are looked at: Postfix tells thirty."""
    found = _ATTRIBUTE.findall(request)
    return {name.decode(): value.decode('utf-8', 'surrogateescape') for name, value in found}


class PolicyConversation:
    """One process of Postfix, which asks one question after the other."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self._buffer = answer, b''

    def take(self, data: bytes) -> bytes:
        """The answers to whole requests; ValueError for one without end."""
        *requests, self._buffer = (self._buffer + data).split(b'\n\n')
        if len(self._buffer) > LONGEST_REQUEST:
            raise ValueError('too long')
        actions = (self._answer(parse(request)) for request in requests)
        return b''.join(f'action={action}\n\n'.encode('utf-8', 'replace') for action in actions)


def server(answer: Answer, idle: float = IDLE, tick: Tick | None = None) -> SmallServer:
    """A server that ends when no client was connected for a while."""
    return SmallServer(lambda _client: PolicyConversation(answer), MOST_CLIENTS, idle, tick)


def serve(answer: Answer, tick: Tick | None = None) -> None:
    """Serve the socket systemd hands over."""
    server(answer, tick=tick).run(socket.socket(fileno=_FIRST_SOCKET))
