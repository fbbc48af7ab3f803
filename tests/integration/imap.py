# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lines of IMAP (RFC 9051) themselves, for what Python's imaplib does not know."""

import base64
import re
import socket
import zlib
from types import TracebackType
from typing import Any, Self

from . import mail


def mutf7(name: str) -> str:
    """The name of a folder as IMAP writes it where UTF-8 was not agreed on."""

    def shift(letters: re.Match[str]) -> str:
        inner = base64.b64encode(letters[0].encode('utf-16-be')).decode()
        return f'&{inner.rstrip("=").replace("/", ",")}-'

    return re.sub('[^ -~]+', shift, name.replace('&', '&-'))


class Imap:
    """A session on port 993, logged in."""

    def __init__(self, ip: str, login: str, password: str, source: str = '') -> None:
        where = (source, 0) if source else None
        self._socket = mail.tls().wrap_socket(socket.create_connection((ip, 993), 30, where))
        self._inflate: Any = None  # what zlib makes has no public type
        self._deflate: Any = None
        self._rest = b''
        self._number = 0
        self.greeting = self._line()
        secret = base64.b64encode(f'\0{login}\0{password}'.encode()).decode()
        try:
            self.do(f'AUTHENTICATE PLAIN {secret}')
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._socket.close()

    def _write(self, data: bytes) -> None:
        if self._deflate:
            data = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._socket.sendall(data)

    def _line(self) -> bytes:
        while b'\n' not in self._rest:
            more = self._socket.recv(65536)
            if not more:
                raise EOFError(f'the server ended the session: {self._rest!r}')
            self._rest += self._inflate.decompress(more) if self._inflate else more
        line, _, self._rest = self._rest.partition(b'\n')
        return line + b'\n'

    def say(self, *words: str | bytes) -> str:
        """Send one command, bytes among its words as literals, and return all that is answered."""
        self._number += 1
        tag = f't{self._number}'
        data = tag.encode()
        for word in words:
            data += b' '
            data += word.encode() if isinstance(word, str) else b'{%d+}\r\n%b' % (len(word), word)
        self._write(data.replace(b'( {', b'({') + b'\r\n')
        return self._until(tag)

    def _until(self, tag: str) -> str:
        lines = []
        while not lines or not lines[-1].startswith(tag.encode() + b' '):
            lines.append(self._line())
        return b''.join(lines).decode(errors='replace')

    def do(self, *words: str | bytes) -> str:
        """Send a command that has to be obeyed, and return all that is answered."""
        said = self.say(*words)
        if not re.search(r'^t\d+ OK', said, re.MULTILINE):
            raise AssertionError(f'{words} -> {said}')
        return said

    def idle(self) -> str:
        """Wait for news, and stop waiting at once."""
        self._number += 1
        tag = f't{self._number}'
        self._write(f'{tag} IDLE\r\n'.encode())
        first = self._line().decode()
        self._write(b'DONE\r\n')
        return first + self._until(tag)

    def compress(self) -> str:
        """Go on in compressed form, and return what the first command then says."""
        self.do('COMPRESS DEFLATE')
        self._deflate = zlib.compressobj(wbits=-15)
        self._inflate = zlib.decompressobj(wbits=-15)
        return self.do('NOOP')

    def capabilities(self) -> list[str]:
        """The capabilities the server offers now."""
        return self.do('CAPABILITY').splitlines()[0].split()[2:]
