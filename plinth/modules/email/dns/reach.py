# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ports of mail seen from outside: ask another box, and answer one that asks.

NAME
    reach - connect back to the box that asks, and say what greeted

DESCRIPTION
    `ask` posts to a page of another FreedomBox, which connects to port 25 and to those of mail
    apps at the address it was asked from. Its certificate must be trusted, it is not followed
    anywhere, and its answer is read as hostile. Both versions of the internet protocol are asked
    by.

    `answer` is the other side. It never connects to an address from a request's text, to any
    other port than `PORT` and `APP_PORTS`, to a private address, to this box or into its own
    network. It sends nothing but QUIT, and that to port 25 only. That a connection to port 25
    fails only counts where this box reaches other mail servers: many internet providers close
    that port on the way out.

DIAGNOSTICS
    The problem of an answer is one of `reached.PROBLEMS`; asking adds
    unanswered   no connection, or no answer in time
    untrusted    its certificate is not valid for its name
    declined     there is no such page, it is switched off, or was asked too often
    garbage      the answer is none
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Collection
from dataclasses import replace

from . import reached, web
from .answer import PortFound, Reached
from .ask import Asker, families
from .compare import is_outside

PAGE = '/freedombox/apps/email/reach/'
KIND = 'application/json'
"""A page of another site cannot have a browser post this kind without asking first (CORS)."""
PORT = 25
APP_PORTS = (443, 465, 587, 993)
"""Where mail apps get their settings, send and read."""
ANSWER_SECONDS = 3.0
LEAVE_SECONDS = 0.5
ASK_SECONDS = 5.5
_LIMIT = 1024
_BROKEN = (OSError, EOFError, ValueError)


async def _first_line(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, until: float
) -> bytes:
    """The first line a server says, and take leave of it."""
    try:
        async with asyncio.timeout_at(until):
            line = await reader.readline()
            return line if line.endswith(b'\n') else b''
    except _BROKEN:
        return b''
    finally:
        writer.write(b'QUIT\r\n')
        writer.close()
        with contextlib.suppress(*_BROKEN):
            async with asyncio.timeout(LEAVE_SECONDS):
                await writer.wait_closed()


def _why(error: OSError) -> str:
    """The problem of a connection that failed."""
    if isinstance(error, TimeoutError):
        return 'timeout'
    return 'refused' if isinstance(error, ConnectionRefusedError) else 'unreachable'


async def greeting(address: str) -> Reached:
    """The greeting at port 25 of an address."""
    until = asyncio.get_running_loop().time() + ANSWER_SECONDS
    try:
        async with asyncio.timeout_at(until):
            streams = await asyncio.open_connection(address, PORT, limit=_LIMIT)
    except OSError as error:
        return Reached(address, _why(error))
    line = reached.printable(await _first_line(*streams, until))
    return Reached(address, greeting=line) if line else Reached(address, reached.SILENT)


async def connection(address: str, port: int) -> PortFound:
    """Whether a port of an address takes a connection; nothing is said there."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            _reader, writer = await asyncio.open_connection(address, port)
    except OSError as error:
        return PortFound(port, _why(error))
    writer.close()
    with contextlib.suppress(*_BROKEN):
        async with asyncio.timeout(LEAVE_SECONDS):
            await writer.wait_closed()
    return PortFound(port)


async def ports(address: str) -> Reached:
    """The greeting at port 25 of an address, and whether the ports of mail apps are open."""
    others = asyncio.gather(*(connection(address, port) for port in APP_PORTS))
    found, open_ports = await asyncio.gather(greeting(address), others)
    return replace(found, ports=tuple(open_ports))


def answer(address: str, own: Collection[str], can_see: Callable[[], bool]) -> Reached:
    """The greeting and open ports at the address of a box that asks; `own` are our addresses."""
    if not is_outside(address, own):
        return Reached(address, 'not-outside')
    found = asyncio.run(ports(address))
    if found.problem in reached.SHUT and not can_see():
        return replace(found, problem='blind')
    return found


async def _ask_at(page: web.WebPage, address: str) -> Reached:
    """The answer of a box that is asked at one of its addresses."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            text = web.read(await web.get(page, address, b'{}', KIND))
    except ssl.SSLCertVerificationError:
        return Reached(problem='untrusted')
    except _BROKEN:
        return Reached(problem='unanswered')
    return Reached(problem='declined') if text is None else reached.read(text)


async def ask(asker: Asker, host: str) -> tuple[Reached, ...]:
    """The answers of a box about our port 25, one for each kind of its addresses."""
    kinds = families(await asker.addresses(host))
    page = web.WebPage(host, PAGE)
    found = await asyncio.gather(*(_ask_at(page, kind[0]) for kind in kinds))
    return tuple(found) or (Reached(problem='unanswered'),)
