# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers of a Redis server, or of a program in its place."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.filtering import resp
from plinth.modules.email.filtering.resp import Refusal


@contextmanager
def _server(answer: bytes, *, stays: bool = False) -> Iterator[resp.Place]:
    """Say something to one client, whatever it asks, and hang up or stay."""
    with socket.create_server(('127.0.0.1', 0)) as server:

        def serve() -> None:
            with suppress(OSError), server.accept()[0] as client:
                client.recv(1000)
                client.sendall(answer)
                while stays and client.recv(1000):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[:2]


def _ask(answer: bytes, *, stays: bool = False, seconds: float = 5) -> resp.Reply:
    with (
        _server(answer, stays=stays) as place,
        resp.connected(place, 10_000, seconds) as redis,
    ):
        return redis.ask(('PING',))[0]


@pytest.mark.parametrize(
    ('answer', 'meaning'),
    [
        (b'+PONG\r\n', b'PONG'),
        (b':-12\r\n', -12),
        (b'$-1\r\n', None),
        (b'$4\r\n\r\n\x00\xff\r\n', b'\r\n\x00\xff'),
        (b'-ERR no\r\n', Refusal('ERR no')),
        (b'*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n', [b'0', [b'a']]),
    ],
)
def test_answers_are_understood(answer: bytes, meaning: resp.Reply) -> None:
    assert _ask(answer) == meaning


@pytest.mark.parametrize(
    'answer',
    [
        b'HTTP/1.1 200\r\n',
        b'$x\r\n',
        b'*9999999\r\n',
        b'*1\r\n' * 10,
        b'$9999\r\n' + b'x' * 20_000,
        b'+' + b'x' * 20_000,
    ],
)
def test_what_is_no_answer_or_too_much_is_refused(answer: bytes) -> None:
    with pytest.raises(MailError) as caught:
        _ask(answer, stays=True)
    assert caught.value.code == 'redis-confused'


@pytest.mark.parametrize('answer', [b'', b'$10\r\nabc'])
def test_silence_and_hanging_up_are_failures_in_time(answer: bytes) -> None:
    for stays in (False, True):
        began = time.monotonic()
        with pytest.raises(MailError) as caught:
            _ask(answer, stays=stays, seconds=0.3)
        assert caught.value.code == 'redis-silent'
        assert time.monotonic() - began < 3


def test_no_one_there_is_told_apart() -> None:
    with socket.create_server(('127.0.0.1', 0)) as server:
        place = server.getsockname()[:2]
    with pytest.raises(ConnectionRefusedError), resp.connected(place, 100, 1):
        pass


def test_words_are_bytes_as_they_are() -> None:
    said = resp.command('SET', b'a\r\n', 12)
    assert said == b'*3\r\n$3\r\nSET\r\n$3\r\na\r\n\r\n$2\r\n12\r\n'
