# SPDX-License-Identifier: AGPL-3.0-or-later
"""A box with IPv6 only, with real servers of which those of the older kind never answer."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
import pytest

from .. import probe, propagation
from ..ask import Asker, Zone, families, find_zone

DEAF, ALIVE = '127.0.0.9', '127.0.0.10'
RECORDS: dict[tuple[str, str], str | tuple[str, ...]] = {
    ('a.test.', 'NS'): 'ns.a.test.',
    ('b.test.', 'NS'): ('ns.a.test.', 'gone.a.test.'),
    ('a.test.', 'SOA'): 'ns.a.test. h.a.test. 1 2 3 4 5',
    ('ns.a.test.', 'A'): DEAF,
    ('ns.a.test.', 'AAAA'): '::1',
    ('clock.a.test.', 'A'): DEAF,
    ('clock.a.test.', 'AAAA'): '::1',
}
Reply = Callable[[bytes], bytes | None]


def answer(packet: bytes) -> bytes:
    """The answers of a name server with these records; it recurses for everyone."""
    query = dns.message.from_wire(packet)
    question = query.question[0]
    kind = dns.rdatatype.to_text(question.rdtype)
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA | dns.flags.RA
    found = RECORDS.get((question.name.to_text(), kind))
    if found:
        values = (found,) if isinstance(found, str) else found
        reply.answer.append(dns.rrset.from_text(question.name, 60, 'IN', kind, *values))
    return reply.to_wire()


def right_time(_packet: bytes) -> bytes:
    """The answer of a time server."""
    now = time.time() + 2_208_988_800
    return b'\x24\x02' + bytes(38) + struct.pack('!II', int(now), 0)


class _NameServer(asyncio.DatagramProtocol):
    """Answers packets, or never."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        said = self.reply(data)
        if said:
            self.transport.sendto(said, sender)


@asynccontextmanager
async def servers(
    six: Reply, four: Reply = lambda _packet: None, where: str = DEAF
) -> AsyncIterator[int]:
    """Have a server on an address of each kind, on the same port."""
    loop = asyncio.get_running_loop()
    first, _protocol = await loop.create_datagram_endpoint(
        lambda: _NameServer(six), ('::1', 0), family=socket.AF_INET6
    )
    port: int = first.get_extra_info('sockname')[1]
    second, _protocol = await loop.create_datagram_endpoint(
        lambda: _NameServer(four), (where, port)
    )
    try:
        yield port
    finally:
        first.close()
        second.close()


def test_addresses_are_told_apart_by_kind() -> None:
    assert families(('::1', '192.0.2.1', '::2')) == [('192.0.2.1',), ('::1', '::2')]
    assert families(('::1',)) == [('::1',)]
    assert families(()) == []


def test_a_name_server_is_asked_where_it_answers() -> None:
    async def find() -> tuple[Zone | None, float]:
        async with servers(answer) as port:
            started = time.monotonic()
            return await find_zone(Asker(('::1',), port), 'www.a.test'), time.monotonic() - started

    zone, seconds = asyncio.run(find())
    assert zone == Zone('a.test', (('ns.a.test', '::1'),))
    assert seconds < 1, 'nobody waited for the address that never answers'


def test_the_older_kind_is_taken_where_only_that_answers() -> None:
    async def find() -> tuple[str, ...]:
        async with servers(lambda _packet: None, answer) as port:
            return await Asker((), port).heard('a.test', (DEAF, '::1'))

    assert asyncio.run(find()) == (DEAF,)


@pytest.mark.parametrize('addresses', [(DEAF, ALIVE), (ALIVE, DEAF), (DEAF, ALIVE, '::1')])
def test_of_a_servers_addresses_one_can_be_dead(addresses: tuple[str, ...]) -> None:
    async def find() -> tuple[str, ...]:
        async with servers(lambda _packet: None, answer, ALIVE) as port:
            return await Asker((), port).heard('a.test', addresses)

    assert asyncio.run(find()) == (ALIVE, DEAF)


def test_name_servers_without_an_address_are_named() -> None:
    async def find() -> Zone | None:
        async with servers(answer) as port:
            return await find_zone(Asker(('::1',), port), 'b.test')

    assert asyncio.run(find()) == Zone('b.test', (('ns.a.test', '::1'),), ('gone.a.test',))


def test_where_no_kind_answers_the_older_one_is_reported() -> None:
    async def find() -> tuple[str, ...]:
        async with servers(lambda _packet: None) as port:
            return await Asker((), port).heard('a.test', (DEAF, '::1'))

    assert asyncio.run(find()) == (DEAF,)


def test_keys_are_seen_over_ipv6() -> None:
    """A key waits until all servers show it, so a kind that is not heard must not count."""

    async def find() -> dict[str, tuple[str, ...]]:
        async with servers(answer) as port:
            return await propagation._addresses(Asker(('::1',), port), 'a.test')

    assert asyncio.run(find()) == {'ns.a.test': ('::1',)}


@pytest.mark.parametrize('four', [lambda _packet: None, lambda _packet: bytes(48)])
def test_a_clock_is_asked_over_both(four: Reply) -> None:
    async def look() -> float | None:
        async with servers(answer) as port, servers(right_time, four) as clock_port:
            return await probe.clock_offset(Asker(('::1',), port), 'clock.a.test', clock_port)

    offset = asyncio.run(look())
    assert offset is not None
    assert abs(offset) < 2
