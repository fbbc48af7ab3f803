# SPDX-License-Identifier: AGPL-3.0-or-later
"""A conversation with a mail server that may be anything."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ..smtp_wire import SmtpWire

PASSWORD = 'open sesame'


@contextmanager
def saying(*lines: bytes, ending: bool = True) -> Iterator[int]:
    """The port of a server that says a line after each of the client's, the first at once."""
    with socket.create_server(('127.0.0.1', 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client, client.makefile('rb') as heard:
                for number, line in enumerate(lines):
                    if number and not heard.readline():
                        return
                    client.sendall(line)
                if not ending:
                    heard.readline()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join(5)


def wire(port: int, seconds: float = 5) -> SmtpWire:
    """A connection that may last this long."""
    return SmtpWire('127.0.0.1', port, time.monotonic() + seconds)


def test_a_reply_of_several_lines() -> None:
    lines = (b'220-a\r\n220 b\r\n', b'250-AUTH PLAIN\r\n250 SIZE\r\n')
    with saying(*lines) as port, wire(port) as found:
        assert found.reply().said == '220 a b'
        assert found.ask('EHLO x').lines == ('AUTH PLAIN', 'SIZE')


@pytest.mark.parametrize(
    'line', [b'hello\r\n', b'22\r\n', b'220_x\r\n', b'\xff\xff\xff a\r\n', b'220-x\r\n' * 4000,
             b'a' * 20_000],
    ids=['words', 'short', 'sign', 'bytes', 'long', 'endless'],
)  # fmt: skip
def test_what_is_no_reply(line: bytes) -> None:
    with (
        saying(line) as port, wire(port) as found, pytest.raises(ValueError, match=r'reply|line'),
    ):  # fmt: skip
        found.reply()


def test_a_server_that_hangs_up_or_says_nothing() -> None:
    with saying(b'') as port, wire(port) as closed, pytest.raises(ConnectionError):
        closed.reply()
    with saying(b'220', ending=False) as port:
        begun = time.monotonic()
        with wire(port, 0.2) as silent, pytest.raises(TimeoutError):
            silent.reply()
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize('methods', [('PLAIN', 'LOGIN'), ('LOGIN',)])
def test_a_password_is_never_in_what_is_shown(methods: tuple[str, ...]) -> None:
    echoes = (b'334 VXNlcm5hbWU6\r\n', b'334 UGFzc3dvcmQ6\r\n') if methods == ('LOGIN',) else ()
    said = b'535 you said open sesame or b3BlbiBzZXNhbWU= or AG1lAG9wZW4gc2VzYW1l\r\n'
    with saying(b'220 a\r\n', *echoes, said) as port, wire(port) as found:
        found.reply()
        reply = found.login(methods, 'me', PASSWORD)
        assert reply is not None
        assert reply.said == '535 you said *** or *** or ***'
        assert found.login(('GSSAPI',), 'me', PASSWORD) is None
