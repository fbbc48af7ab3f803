# SPDX-License-Identifier: AGPL-3.0-or-later
"""The little of ManageSieve (RFC 5804) that tests need."""

import base64
import re
import socket
from types import TracebackType
from typing import Self

from . import mail


class RefusedScriptError(Exception):
    """The server said NO."""


class ManageSieve:
    """A session on port 4190."""

    def __init__(self, ip: str) -> None:
        self._socket = socket.create_connection((ip, 4190), 30)
        self._file = self._socket.makefile('rb')
        self.mechanisms = self._greeting()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._file.close()
        self._socket.close()

    def starttls(self) -> None:
        """Encrypt the line."""
        self._say(b'STARTTLS')
        self._file.close()
        self._socket = mail.tls().wrap_socket(self._socket)
        self._file = self._socket.makefile('rb')
        self.mechanisms = self._greeting()

    def login(self, login: str, password: str) -> None:
        """Log in with SASL PLAIN."""
        secret = base64.b64encode(f'\0{login}\0{password}'.encode())
        self._say(b'AUTHENTICATE "PLAIN" "' + secret + b'"')

    def put(self, name: str, script: str) -> None:
        """Store a script."""
        data = script.encode()
        self._say(f'PUTSCRIPT "{name}" {{{len(data)}+}}\r\n'.encode() + data)

    def activate(self, name: str) -> None:
        """Make a script the one that is used; '' for none."""
        self._say(f'SETACTIVE "{name}"'.encode())

    def scripts(self) -> str:
        """The names of all scripts, as the server lists them."""
        self._socket.sendall(b'LISTSCRIPTS\r\n')
        return self._answer()

    def get(self, name: str) -> str:
        """A script."""
        self._socket.sendall(f'GETSCRIPT "{name}"\r\n'.encode())
        return self._answer().partition('\r\n')[2].rpartition('OK')[0]

    def delete(self, name: str) -> None:
        """Remove a script."""
        self._say(f'DELETESCRIPT "{name}"'.encode())

    def _greeting(self) -> str:
        """The ways to log in that the server names in its greeting."""
        found = re.search(r'"SASL" "([^"]*)"', self._answer())
        return found[1] if found else ''

    def _say(self, command: bytes) -> None:
        self._socket.sendall(command + b'\r\n')
        self._answer()

    def _answer(self) -> str:
        """Read up to the line that ends an answer; a refusal may be followed by its reason."""
        text = ''
        while True:
            line = self._file.readline().decode()
            text += line
            if re.match(r'OK\b', line):
                return text
            if found := re.match(r'(?:NO|BYE)\b.*?(?:\{(\d+)\})?\r\n', line):
                raise RefusedScriptError(text + self._file.read(int(found[1] or 0)).decode())
            if not line:
                raise ConnectionError('ManageSieve ended the session')
