# SPDX-License-Identifier: AGPL-3.0-or-later
"""Port 25 asked about by another box, with real servers on another port."""

import asyncio
import contextlib
import socket
import threading
from unittest.mock import Mock

import pytest

from .. import reach, web
from ..answer import Reached
from ..ask import Asker

HERE = '127.0.0.1'
OUT, OWN = '203.0.113.9', ('192.0.2.1', '2001:db8:1::1')


def greeted(monkeypatch: pytest.MonkeyPatch, said: bytes) -> Reached:
    """The finding at a server that says this, and no more."""
    asked = []

    def serve(listening: socket.socket) -> None:
        link, _client = listening.accept()
        with link, contextlib.suppress(OSError):
            link.sendall(said)
            asked.append(link.recv(100))

    with socket.create_server((HERE, 0)) as listening:
        monkeypatch.setattr(reach, 'PORT', listening.getsockname()[1])
        monkeypatch.setattr(reach, 'ANSWER_SECONDS', 0.3)
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        found = asyncio.run(reach.greeting(HERE))
        thread.join()
    assert asked in ([b'QUIT\r\n'], [])
    return found


@pytest.mark.parametrize(
    ('said', 'found'),
    [
        (b'220 box.test ESMTP\r\n', Reached(HERE, greeting='220 box.test ESMTP')),
        (b'220 first\r\n220 second\r\n', Reached(HERE, greeting='220 first')),
        (b'\r\n', Reached(HERE, 'silent')),
        (b'', Reached(HERE, 'silent')),
        (b'220 not ended', Reached(HERE, 'silent')),
        pytest.param(b'x' * 100_000, Reached(HERE, 'silent'), id='endless'),
    ],
)
def test_the_first_line_is_read(
    monkeypatch: pytest.MonkeyPatch, said: bytes, found: Reached
) -> None:
    assert greeted(monkeypatch, said) == found


def test_no_one_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        monkeypatch.setattr(reach, 'PORT', taken.getsockname()[1])
        assert asyncio.run(reach.greeting(HERE)) == Reached(HERE, 'refused')


@pytest.mark.parametrize(
    'address',
    ['', 'x', '127.0.0.1', '::1', '10.0.0.7', '192.168.1.1', '169.254.169.254', '100.64.0.1',
     'fe80::1', 'fd00::1', '0.0.0.0', *OWN, '2001:db8:1::5'],
)  # fmt: skip
def test_no_connection_into_a_network_of_ours(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    connect = Mock(side_effect=AssertionError)
    monkeypatch.setattr(reach, 'ports', connect)
    assert reach.answer(address, OWN, lambda: True) == Reached(address, 'not-outside')


@pytest.mark.parametrize(
    ('problem', 'can_see', 'expected'),
    [
        ('timeout', True, 'timeout'),
        ('timeout', False, 'blind'),
        ('refused', False, 'blind'),
        ('unreachable', False, 'blind'),
        ('silent', False, 'silent'),
        ('', False, ''),
    ],
)
def test_no_connection_counts_only_where_others_are_reached(
    monkeypatch: pytest.MonkeyPatch, problem: str, can_see: bool, expected: str
) -> None:
    async def found(address: str) -> Reached:
        return Reached(address, problem)

    monkeypatch.setattr(reach, 'ports', found)
    assert reach.answer(OUT, OWN, lambda: can_see) == Reached(OUT, expected)


GOOD = b'{"reached": false, "address": "203.0.113.9", "greeting": "", "why": "timeout"}'


@pytest.mark.parametrize(
    ('data', 'expected'),
    [
        (b'HTTP/1.1 200 OK\r\n\r\n' + GOOD, Reached(OUT, 'timeout')),
        (b'HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n' + GOOD, Reached(problem='declined')),
        (b'HTTP/1.1 404 Not Found\r\n\r\n', Reached(problem='declined')),
        (b'HTTP/1.1 429 Too Many\r\n\r\n' + GOOD, Reached(problem='declined')),
        (b'HTTP/1.1 200 OK\r\n\r\n<html>', Reached(problem='garbage')),
        (b'', Reached(problem='declined')),
        (ConnectionRefusedError(), Reached(problem='unanswered')),
        (TimeoutError(), Reached(problem='unanswered')),
    ],
)
def test_only_a_whole_answer_counts(
    monkeypatch: pytest.MonkeyPatch, data: bytes | Exception, expected: Reached
) -> None:
    async def get(page: web.WebPage, address: str, body: bytes, kind: str) -> bytes:
        assert (page.host, page.encrypted, page.path) == ('other.test', True, reach.PAGE)
        assert (address, body, kind) == (OUT, b'{}', 'application/json')
        if isinstance(data, Exception):
            raise data
        return data

    async def addresses(_asker: Asker, _name: str) -> tuple[str, ...]:
        return (OUT, '203.0.113.10')

    monkeypatch.setattr(web, 'get', get)
    monkeypatch.setattr(Asker, 'addresses', addresses)
    assert asyncio.run(reach.ask(Asker(()), 'other.test')) == (expected,)


def test_a_box_without_an_address_did_not_answer() -> None:
    found = asyncio.run(reach.ask(Asker(()), 'other.test'))
    assert found == (Reached(problem='unanswered'),)
