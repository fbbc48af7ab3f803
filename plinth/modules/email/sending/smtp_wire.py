# SPDX-License-Identifier: AGPL-3.0-or-later
"""A connection to a mail server, as far as a test of the way out needs one.

The other side may be anything: a reply has a largest size, and all of it together an end.

DIAGNOSTICS
    OSError, TimeoutError   the connection failed, or the time is over
    ValueError              the other side does not speak SMTP
    ssl.SSLError            there is no encryption both sides know, or the certificate is wrong
"""

import base64
import re
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

CONNECT_SECONDS = 6.0
_LARGEST = 16 * 1024
_CODE = re.compile(rb'[2-5][0-9]{2}(?:[ -]|$)')
_LONGEST_SHOWN = 300


@dataclass(frozen=True)
class Reply:
    """A reply: its code, and its lines without it."""

    code: int
    lines: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        """Whether the other side did as it was asked."""
        return 200 <= self.code < 400

    @property
    def said(self) -> str:
        """The reply as a page can show it."""
        return f'{self.code} {" ".join(self.lines)}'[:_LONGEST_SHOWN]


def _printable(line: bytes) -> str:
    text = line.decode('utf-8', 'replace')
    return ''.join(sign if sign.isprintable() else '?' for sign in text)


class SmtpWire:
    """A conversation line by line; what is secret in it is blotted out of every reply."""

    def __init__(self, address: str, port: int, until: float) -> None:
        self._until = until
        self._secrets: tuple[str, ...] = ()
        self._rest = b''
        seconds = min(CONNECT_SECONDS, self._left())
        self._socket: socket.socket = socket.create_connection((address, port), seconds)

    def _left(self) -> float:
        """The seconds that are left; TimeoutError when none are."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError('the time for the test is over')
        return left

    def __enter__(self) -> Self:
        """Begin the conversation."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Take leave."""
        self.close()

    def close(self) -> None:
        """Take leave, without waiting for an answer."""
        with suppress(OSError, ValueError):
            self._socket.settimeout(1)
            self._socket.sendall(b'QUIT\r\n')
        self._socket.close()

    def encrypt(self, context: ssl.SSLContext, name: str) -> None:
        """Go on encrypted; what was read before is not of this conversation any more."""
        self._rest = b''
        self._socket.settimeout(self._left())
        self._socket = context.wrap_socket(self._socket, server_hostname=name)

    @property
    def cipher(self) -> tuple[str, str]:
        """The version of TLS and the cipher."""
        found = self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        cipher = found.cipher() if found else None
        return (str(found.version()), cipher[0]) if found and cipher else ('', '')

    def _line(self) -> bytes:
        while b'\n' not in self._rest:
            if len(self._rest) > _LARGEST:
                raise ValueError('a line without an end')
            self._socket.settimeout(self._left())
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionResetError('the connection was closed')
            self._rest += data
        line, _, self._rest = self._rest.partition(b'\n')
        return line.rstrip(b'\r')

    def reply(self) -> Reply:
        """The next reply; ValueError for anything else."""
        words, size = list[str](), 0
        while True:
            line = self._line()
            size += len(line)
            if size > _LARGEST or not _CODE.match(line):
                raise ValueError('not a reply of a mail server')
            words.append(self._blotted(_printable(line[4:])))
            if line[3:4] != b'-':
                return Reply(int(line[:3]), tuple(words))

    def ask(self, command: str) -> Reply:
        """The reply to a command."""
        self._socket.settimeout(self._left())
        self._socket.sendall(f'{command}\r\n'.encode())
        return self.reply()

    def send(self, content: bytes) -> Reply:
        """The reply to a message with CRLF at the ends of its lines."""
        stuffed = re.sub(rb'(?m)^\.', b'..', content)
        self._socket.settimeout(self._left())
        self._socket.sendall(stuffed.removesuffix(b'\r\n') + b'\r\n.\r\n')
        return self.reply()

    def _blotted(self, text: str) -> str:
        """Words of the other side, without what must not be shown."""
        for secret in self._secrets:
            text = text.replace(secret, '***')
        return text

    def login(self, methods: tuple[str, ...], name: str, password: str) -> Reply | None:
        """The reply to a login; None when there is no method both sides know."""
        plain = _encoded(f'\0{name}\0{password}')
        self._secrets = (password, _encoded(password), plain)
        if 'PLAIN' in methods:
            return self.ask(f'AUTH PLAIN {plain}')
        return self._step_by_step(name, password) if 'LOGIN' in methods else None

    def _step_by_step(self, name: str, password: str) -> Reply:
        for word in ('AUTH LOGIN', _encoded(name)):
            found = self.ask(word)
            if found.code != 334:
                return found
        return self.ask(_encoded(password))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
