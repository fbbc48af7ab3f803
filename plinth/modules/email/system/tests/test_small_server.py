# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server of small services: clients that come and go, errors of one, and work in between."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from plinth.modules.email.system import small_server
from plinth.modules.email.system.small_server import SmallServer


class _Echo:
    """Says what it hears, and fails at a word."""

    def take(self, data: bytes) -> bytes:
        if b'bad' in data:
            raise ValueError('bad')
        return data


def _run(server: SmallServer, talk: Callable[[Callable[[], socket.socket]], None]) -> None:
    """Talk to a server, which ends a moment after its last client."""
    listening = socket.create_server(('127.0.0.1', 0))
    place = listening.getsockname()
    running = threading.Thread(target=server.run, args=(listening,), daemon=True)
    running.start()
    talk(lambda: socket.create_connection(place, 10))
    running.join(10)
    assert not running.is_alive()


def test_the_error_of_one_client_is_no_other_ones() -> None:
    def talk(connect: Callable[[], socket.socket]) -> None:
        with connect() as one, connect() as other:
            one.sendall(b'bad')
            assert one.recv(10) == b''
            other.sendall(b'good')
            assert other.recv(10) == b'good'

    _run(SmallServer(lambda _client: _Echo(), 10, idle=0.1), talk)


def test_a_client_may_be_sent_away() -> None:
    def talk(connect: Callable[[], socket.socket]) -> None:
        with connect() as client:
            assert client.recv(10) == b''

    _run(SmallServer(lambda _client: None, 10, idle=0.1), talk)


def test_a_client_that_takes_no_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_server, '_SEND_SECONDS', 0.1)

    class Flood:
        def take(self, data: bytes) -> bytes:
            return data * 50_000_000

    def talk(connect: Callable[[], socket.socket]) -> None:
        with connect() as idle, connect() as other:
            idle.sendall(b'x')
            other.sendall(b'y')
            other.shutdown(socket.SHUT_WR)

    _run(SmallServer(lambda _client: Flood(), 10, idle=0.1), talk)


def test_work_in_between_is_done_while_a_client_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_server, 'TICK_SECONDS', 0.05)
    done: list[float] = []

    def talk(connect: Callable[[], socket.socket]) -> None:
        with connect():
            end = time.monotonic() + 5
            while len(done) < 3 and time.monotonic() < end:
                time.sleep(0.01)
        assert len(done) >= 3

    tick = lambda: done.append(time.monotonic())  # noqa: E731
    _run(SmallServer(lambda _client: _Echo(), 10, idle=0.2, tick=tick), talk)
