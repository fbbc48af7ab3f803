# SPDX-License-Identifier: AGPL-3.0-or-later
"""Name servers that behave in ways no real one should, on the lab's gateway."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from typing import cast

from lab import settings

Reply = Callable[[bytes], bytes | None]
"""The answer to a packet; None for no answer."""


class _BadServer(asyncio.DatagramProtocol):
    """Answers each packet as it is told, after a while."""

    def __init__(self, reply: Reply, seconds: float) -> None:
        self.reply, self.seconds = reply, seconds
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        answer = self.reply(data)
        if answer is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(self.seconds, self.transport.sendto, answer, sender)


class _Relay(asyncio.DatagramProtocol):
    """Passes one packet on to the lab's DNS, and the answer back."""

    def __init__(self, back: Callable[[bytes], None]) -> None:
        self.back = back

    def datagram_received(self, data: bytes, _sender: tuple[str, int]) -> None:
        self.back(data)


class _Far(_BadServer):
    """Answers as the lab's DNS does, from far away."""

    def __init__(self, seconds: float) -> None:
        super().__init__(lambda _data: None, seconds)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        asyncio.get_running_loop().create_task(self._relay(data, sender))

    async def _relay(self, data: bytes, sender: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        link, _protocol = await loop.create_datagram_endpoint(
            lambda: _Relay(answer.set_result), remote_addr=(settings.DNS, 53)
        )
        link.sendto(data)
        packet = await answer
        link.close()
        loop.call_later(self.seconds, self.transport.sendto, packet, sender)


@contextmanager
def _running(make: Callable[[], _BadServer], port: int) -> Iterator[None]:
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    failures: list[str] = []

    async def serve() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(lambda _loop, context: failures.append(str(context)))
        where = (settings.GATEWAY, port)
        transport, _protocol = await loop.create_datagram_endpoint(make, local_addr=where)
        begun.set_result((loop, done))
        await done.wait()
        transport.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    loop, done = begun.result(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
    assert not failures


def answering(reply: Reply, port: int = 53, seconds: float = 0) -> AbstractContextManager[None]:
    """Answer every packet on a port of the gateway in this way."""
    return _running(lambda: _BadServer(reply, seconds), port)


def far_away(seconds: float) -> AbstractContextManager[None]:
    """Answer as the lab's DNS does, so many seconds later."""
    return _running(lambda: _Far(seconds), 53)
