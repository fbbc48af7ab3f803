# SPDX-License-Identifier: AGPL-3.0-or-later
"""The protocol of Postfix's questions, and a service that ends when it is not asked."""

import asyncio
import pathlib
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.sending import socketmap


async def nothing(_question: bytes) -> bytes:
    """The answer of a service that knows nothing."""
    return socketmap.NOT_FOUND


def stream(data: bytes) -> asyncio.StreamReader:
    """A stream with these bytes in it."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@given(st.binary(max_size=900))
def test_netstrings(data: bytes) -> None:
    async def there_and_back() -> bytes | None:
        return await socketmap.read(stream(socketmap.encode(data)))

    assert asyncio.run(there_and_back()) == data


@given(st.binary(max_size=40))
def test_garbage_is_refused(data: bytes) -> None:
    async def attempt() -> None:
        try:
            await socketmap.read(stream(data))
        except (ValueError, EOFError):
            return

    asyncio.run(attempt())


def test_only_an_answer_may_be_long() -> None:
    data = socketmap.encode(b'x' * 1001)

    async def attempt(*most: int) -> bytes | None:
        return await socketmap.read(stream(data), *most)

    assert asyncio.run(attempt())
    with pytest.raises(ValueError, match='too long'):
        asyncio.run(attempt(1000))


async def visit(path: pathlib.Path, question: bytes = b'postfix .test') -> bytes | None:
    """Ask over a socket; what is answered."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(socketmap.encode(question) if question else b'')
    said = await socketmap.read(reader)
    writer.close()
    return said


def listening(path: pathlib.Path) -> socket.socket:
    """A socket as systemd hands it over."""
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    made.listen()
    return made


def test_it_ends_by_itself_when_no_one_asks(tmp_path: pathlib.Path) -> None:
    path = tmp_path / 'socket'

    async def both() -> bytes | None:
        service = asyncio.create_task(socketmap.SocketMapService(nothing, 0.3).run(listening(path)))
        said = await visit(path)
        await asyncio.wait_for(service, 5)
        return said

    started = time.monotonic()
    assert asyncio.run(both()) == socketmap.NOT_FOUND
    assert time.monotonic() - started >= 0.3


def test_who_says_nothing_is_sent_away(tmp_path: pathlib.Path) -> None:
    path = tmp_path / 'socket'

    async def both() -> bytes | None:
        service = asyncio.create_task(
            socketmap.SocketMapService(nothing, 0.3, silence=0.1).run(listening(path))
        )
        said = await asyncio.wait_for(visit(path, b''), 5)
        await asyncio.wait_for(service, 5)
        return said

    assert asyncio.run(both()) is None


def test_one_too_many_is_sent_away_and_the_others_are_served(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / 'socket'
    monkeypatch.setattr(socketmap, 'MOST_CLIENTS', 1)

    async def both() -> None:
        service = asyncio.create_task(socketmap.SocketMapService(nothing, 0.3).run(listening(path)))
        reader, writer = await asyncio.open_unix_connection(path)
        for _again in range(2):
            writer.write(socketmap.encode(b'postfix .test'))
            assert await socketmap.read(reader) == socketmap.NOT_FOUND
            assert await visit(path, b'') is None
        writer.close()
        await asyncio.wait_for(service, 5)

    asyncio.run(both())
