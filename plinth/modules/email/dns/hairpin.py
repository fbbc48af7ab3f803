# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ports of mail at the public address of a box behind a router, tried from the box itself.

Such a connection goes to the router, which sends it back if the port is forwarded. That shows a
forward, and not that the internet provider lets mail in. That it fails shows nothing: many routers
do not send back what comes from their own network. At the ports of mail apps it is not seen who
answers.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ..system.json_value import JsonValue
from . import reach, reached
from .answer import Reached

MOST_ADDRESSES = 4


@dataclass(frozen=True)
class InsideResult(JsonValue):
    """The greeter at an address: our mail server, another one, none, or no one listened.

    `open` and `shut` are the ports of mail apps.
    """

    address: str
    code: Literal['own', 'other', 'silent', 'closed']
    open: tuple[int, ...] = ()
    shut: tuple[int, ...] = ()


@dataclass(frozen=True)
class InsideTest(JsonValue):
    """The results at all addresses, and when that was."""

    when: datetime
    found: tuple[InsideResult, ...] = ()


def judge(found: Reached, host: str) -> InsideResult:
    """The result of a try at one address."""
    is_open = tuple(port for port, problem in found.ports if not problem)
    shut = tuple(port for port, problem in found.ports if problem)
    return InsideResult(found.address, _greeter(found, host), is_open, shut)


def _greeter(found: Reached, host: str) -> Literal['own', 'other', 'silent', 'closed']:
    """The greeter at port 25."""
    if found.problem:
        return 'silent' if found.problem == reached.SILENT else 'closed'
    return 'own' if reached.is_greeting_of(host, found.greeting) else 'other'


def run(host: str, addresses: Iterable[str]) -> InsideTest:
    """Try all addresses at the same time; it takes a few seconds at most."""
    chosen = list(addresses)[:MOST_ADDRESSES]

    async def tries() -> list[Reached]:
        return await asyncio.gather(*map(reach.ports, chosen))

    found = asyncio.run(tries())
    now = datetime.now(UTC).replace(microsecond=0)
    return InsideTest(now, tuple(judge(each, host) for each in found))
