# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers to Dovecot's question whether a password may be tried (its "authentication policy").

Dovecot asks before each try, of IMAP, POP3, ManageSieve and, for Postfix, SMTP, and tells how it
ended: https://doc.dovecot.org/2.4.1/core/config/auth/policy.html. It names passwords by 12 bits
of a hash only, enough to tell an old one that is said again and again from guesses. When
there is no answer, Dovecot goes on without.

Only Dovecot and root are answered, known by the kernel's table of connections: others on this
machine could otherwise have a household shut out. Who goes on guessing is named in the
journal, once a minute, for fail2ban to keep out, unless that household is a known one, which the
line says; so is a connection on which a few tries failed, for fail2ban to end this one alone.

Root may ask who is refused (`list`), and have a household forgotten (`forget`).
"""

import json
import os
import pathlib
import pwd
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from ..system.own_networks import OwnNetworks
from ..system.small_server import SmallServer
from . import country, login_history
from .guesses import REFUSE, Connections, Guesses, household, is_this_machine
from .login_history import LoginWatch

USER = 'dovecot'
_TABLE = pathlib.Path('/proc/self/net/tcp')
_FIRST_SOCKET = 3
_LONGEST = 65_536
_MOST_CLIENTS = 1000
_SAY_AGAIN = 60.0
_ROOT = 0
_OF_ROOT = ('list', 'forget')
_HARMLESS = ('internal', 'disabled')
"""Kinds of failure after which a connection may go on."""
_UNKNOWN = ('internal', 'policy', 'disabled')
"""Kinds of failure that say nothing about the password, or came after a right one."""


def _hex(address: tuple[str, int]) -> str:
    """Address as the kernel writes it in its table on this machine."""
    number = int.from_bytes(socket.inet_aton(address[0]), sys.byteorder)
    return f'{number:08X}:{address[1]:04X}'


def owner(table: str, client: tuple[str, int], server: tuple[str, int]) -> int | None:
    """User number of the client's end of a connection, None when it is not in the table."""
    wanted = [_hex(client), _hex(server)]
    for line in table.splitlines()[1:]:
        words = line.split()
        if words[1:3] == wanted:
            return int(words[7])
    return None


def parse(body: bytes) -> dict[str, Any]:
    """Attributes of a try; ValueError when it is none of Dovecot's."""
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError('no object')
    for name in ('login', 'remote', 'pwhash'):
        if not isinstance(found.get(name), str):
            raise ValueError(f'no {name}')
    return found


def _outcome(found: dict[str, Any]) -> bool | None:
    """Whether the password was right; None when nothing was learnt about it."""
    if found.get('success') is True:
        return True
    unknown = found.get('policy_reject') is True or found.get('fail_type') in _UNKNOWN
    return None if unknown else False


class AuthPolicy:
    """Counts of guesses, and the answers given."""

    def __init__(
        self,
        say: Callable[[str], None] = lambda text: print(text, flush=True),
        clock: Callable[[], float] = time.monotonic,
        is_own: Callable[[str], bool] | None = None,
        watch: LoginWatch | None = None,
    ) -> None:
        self._watch = watch
        self.guesses, self.connections = Guesses(clock), Connections(clock)
        self._say, self._clock = say, clock
        self._is_own = is_own or OwnNetworks(clock).hold
        self._said: dict[str, float] = {}

    def answer(self, command: str, body: bytes) -> dict[str, Any]:
        """Answer to one question or report."""
        if command in _OF_ROOT:
            return self._answer_root(command, body)
        found = parse(body)
        which = found['remote'], found['login'], found['pwhash']
        if command == 'report':
            self.guesses.report(*which, right=_outcome(found))
            if found.get('success') is True:
                self._see(found)
            elif found.get('fail_type') not in _HARMLESS:
                self._count(found['remote'], str(found.get('port')))
            return {'status': 0, 'msg': ''}
        status = self.guesses.allow(*which)
        if status == REFUSE:
            self._name(found['remote'])
        return {'status': status, 'msg': ''}

    def _answer_root(self, command: str, body: bytes) -> dict[str, Any]:
        """Answer to a question of root's."""
        if command == 'list':
            return {'refused': self.guesses.refused()}
        name = str(json.loads(body)['household'])
        self.guesses.forget(name)
        self._said.pop(name, None)
        return {}

    def _see(self, found: dict[str, Any]) -> None:
        """Have a login looked at that succeeded."""
        if self._watch:
            names = ('user', 'remote', 'protocol', 'device', 'owner')
            self._watch.see(*(str(found.get(name) or '') for name in names))

    def _count(self, remote: str, port: str) -> None:
        """Count a try that failed on a connection from elsewhere; name it after a few."""
        if not household(remote) or is_this_machine(remote) or not port.isdecimal():
            return
        if self.connections.is_to_end(remote, port):
            self._say(f'Wrong passwords on one connection from {remote} port {port}')

    def _name(self, remote: str) -> None:
        """Name a household that goes on guessing, unless that was done just now."""
        now, who = self._clock(), household(remote)
        self._said = {name: when for name, when in self._said.items() if when > now - _SAY_AGAIN}
        if who and who not in self._said:
            self._said[who] = now
            is_known = self.guesses.is_known(who) or self._is_own(remote)
            note = ', a known household, which is refused and not banned' if is_known else ''
            self._say(f'Too many wrong passwords from {who}{note}')


def read(buffer: bytes) -> tuple[str, bytes, bytes] | None:
    """Command, body and what follows of an HTTP request, None before its end; ValueError if none.

    As little is read as tells whether it can be one: a client says `POST` first.
    """
    head, blank, rest = buffer.partition(b'\r\n\r\n')
    if not blank:
        if len(buffer) > _LONGEST or not (
            buffer.startswith(b'POST ') or b'POST '.startswith(buffer)
        ):
            raise ValueError('no POST')
        return None
    first, *fields = head.split(b'\r\n')
    words, length = first.decode('ascii').split(), 0
    if len(words) != 3 or words[0] != 'POST':
        raise ValueError('no POST')
    for field in fields:
        name, _colon, value = field.decode('latin-1').partition(':')
        if name.lower() == 'content-length':
            length = int(value)
    if not 0 <= length <= _LONGEST:
        raise ValueError('too long')
    if len(rest) < length:
        return None
    return words[1].rpartition('command=')[2], rest[:length], rest[length:]


def response(data: dict[str, Any]) -> bytes:
    """HTTP response with some data."""
    body = json.dumps(data).encode()
    head = f'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n'
    return head.encode() + b'\r\n' + body


class AuthConversation:
    """One client's questions; `is_root` is whether it may ask what only root may."""

    def __init__(self, policy: AuthPolicy, *, is_root: bool) -> None:
        self._policy, self._is_root = policy, is_root
        self._buffer = b''

    def take(self, data: bytes) -> bytes:
        """The answers to whole requests; an error ends the connection."""
        self._buffer += data
        answers = b''
        while self._buffer and (request := read(self._buffer)) is not None:
            command, body, self._buffer = request
            if command in _OF_ROOT and not self._is_root:
                raise PermissionError(command)
            answers += response(self._policy.answer(command, body))
        return answers


class AuthPolicyService:
    """Answers clients whose user number is one of `users`."""

    def __init__(self, policy: AuthPolicy, users: frozenset[int], root: int = _ROOT) -> None:
        self.policy, self.users, self.root = policy, users, root

    def opened(self, client: socket.socket) -> AuthConversation | None:
        """The conversation with a client that may ask."""
        try:
            table = _TABLE.read_text(encoding='ascii')
            user = owner(table, client.getpeername(), client.getsockname())
        except OSError:
            return None  # it is gone again
        return (
            AuthConversation(self.policy, is_root=user == self.root) if user in self.users else None
        )

    def run(self, listening: socket.socket) -> None:
        """Serve for ever."""
        SmallServer(self.opened, _MOST_CLIENTS).run(listening)


def main() -> None:
    """Serve the socket systemd hands over."""
    users = frozenset({_ROOT, pwd.getpwnam(USER).pw_uid})
    folder = os.environ.get('STATE_DIRECTORY')
    watch = login_history.watch(pathlib.Path(folder), country.of) if folder else None
    service = AuthPolicyService(AuthPolicy(watch=watch), users)
    service.run(socket.socket(fileno=_FIRST_SOCKET))
