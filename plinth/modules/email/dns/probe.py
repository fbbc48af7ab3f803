# SPDX-License-Identifier: AGPL-3.0-or-later
"""Probes besides records: ways out, clock, policy file, block lists."""

import asyncio
import contextlib
import ipaddress
import ssl
import struct
import time
from collections.abc import Iterable

from . import web
from .answer import Answer, BlockListing, Fetched, Status
from .ask import Asker, families, find_zone, reverse_name
from .endpoints import LISTED, BlockList

CONNECT_SECONDS = 3.0
MOST_CODES = 8
POLICY_PATH = '/.well-known/mta-sts.txt'
_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900, when time began for NTP, to 1970."""
_NTP_REQUEST = b'\x23' + bytes(47)
_SHUT = (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError)


async def _greets(address: str) -> bool:
    """Whether a mail server greets on port 25."""
    reader, writer = await asyncio.open_connection(address, 25)
    try:
        line = await reader.readline()
        writer.write(b'QUIT\r\n')
        return line.startswith(b'220')
    finally:
        writer.close()
        with contextlib.suppress(*_SHUT):
            await writer.wait_closed()


async def _try(address: str) -> bool:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await _greets(address)
    except _SHUT:
        return False


async def _any(addresses: Iterable[str]) -> bool:
    """Whether one of these mail servers can be reached."""
    for attempt in asyncio.as_completed([_try(each) for each in addresses]):
        if await attempt:
            return True
    return False


async def port_25(asker: Asker, hosts: Iterable[str]) -> dict[str, bool]:
    """Whether mail can go out, by the versions of the internet protocol there are hosts for."""
    found = await asyncio.gather(*(asker.addresses(host) for host in hosts))
    firsts = [kind[0] for each in found for kind in families(each)]
    kinds = {'ipv4': [each for each in firsts if ':' not in each],
             'ipv6': [each for each in firsts if ':' in each]}  # fmt: skip
    tried = {name: each for name, each in kinds.items() if each}
    reached = await asyncio.gather(*map(_any, tried.values()))
    return dict(zip(tried, reached, strict=True))


class _Clock(asyncio.DatagramProtocol):
    """Takes one answer of a time server."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _sender: object) -> None:
        if not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def read_time(data: bytes) -> float:
    """The time in a time server's answer; ValueError when there is none."""
    if len(data) < 48 or not 1 <= data[1] <= 15:
        raise ValueError('not an answer of a server that knows the time')
    seconds, fraction = struct.unpack('!II', data[40:48])
    return float(seconds - _NTP_EPOCH + fraction / 2**32)


async def _offset(address: str, port: int) -> float | None:
    """The seconds by which the clock is wrong according to one server, None when it is silent."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            transport, clock = await loop.create_datagram_endpoint(
                _Clock, remote_addr=(address, port)
            )
            try:
                transport.sendto(_NTP_REQUEST)
                return time.time() - read_time(await clock.answer)
            finally:
                transport.close()
    except _SHUT:
        return None


async def clock_offset(asker: Asker, host: str, port: int = 123) -> float | None:
    """The seconds by which this box's clock is wrong, None when no server says.

    A server of each version of the internet protocol is asked; the better answer counts.
    """
    kinds = families(await asker.addresses(host))
    offsets = await asyncio.gather(*(_offset(kind[0], port) for kind in kinds))
    return min((each for each in offsets if each is not None), key=abs, default=None)


def read_policy(data: bytes) -> Fetched:
    """The policy in a web server's answer."""
    body = web.read(data)
    return Fetched(problem='policy-missing') if body is None else Fetched(body)


async def fetch_policy(name: str, addresses: Iterable[str]) -> Fetched:
    """Fetch the policy file as other mail servers do, which must trust the certificate."""
    page = web.WebPage(name, POLICY_PATH)
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return read_policy(await web.get(page, address))
        except ssl.SSLCertVerificationError:
            return Fetched(problem='policy-untrusted')
        except _SHUT:
            continue
    return Fetched(problem='policy-unreachable')


def subjects(
    block_list: BlockList, domain: str, addresses: Iterable[str]
) -> Iterable[tuple[str, str]]:
    """The subjects to ask a block list about, and their names there."""
    if block_list.kind == 'domain':
        yield domain, f'{domain}.{block_list.zone}'
        return
    for address in addresses:
        if ipaddress.ip_address(address).version == 4 or block_list.kind == 'all':
            name = reverse_name(address)
            bare = name.removesuffix('.in-addr.arpa').removesuffix('.ip6.arpa')
            yield address, f'{bare}.{block_list.zone}'


def read_listing(block_list: BlockList, subject: str, answer: Answer) -> BlockListing | None:
    """The listing in an answer of a block list; None when it lists nothing."""
    if answer.status is Status.NONE or answer.status is Status.EMPTY:
        return None
    if answer.status is not Status.FOUND:
        return BlockListing(block_list.title, subject, block_list.page, 'silent')
    meaning = block_list.meaning(answer.values)
    said = '' if meaning == LISTED else meaning
    codes = tuple(map(block_list.named, answer.values[:MOST_CODES]))
    return BlockListing(block_list.title, subject, block_list.page, said, codes)


async def ask_list(
    asker: Asker, block_list: BlockList, domain: str, addresses: Iterable[str]
) -> list[BlockListing]:
    """Ask one block list about our names and numbers, at its own servers.

    Many lists refuse the big public resolvers; asked directly, they see this box.
    """
    zone = await find_zone(asker, block_list.zone)
    listings = []
    for subject, name in subjects(block_list, domain, addresses):
        if zone and zone.addresses:
            answer = await asker.own(name, 'A', zone.addresses[0])
        else:
            answer = await asker.recurse(name, 'A')
        found = read_listing(block_list, subject, answer)
        if found:
            listings.append(found)
    return listings


async def ask_lists(
    asker: Asker, lists: Iterable[BlockList], domain: str, addresses: Iterable[str]
) -> tuple[BlockListing, ...]:
    """Ask all block lists at the same time."""
    addresses = tuple(addresses)
    answers = await asyncio.gather(*(ask_list(asker, each, domain, addresses) for each in lists))
    return tuple(listing for answer in answers for listing in answer)
