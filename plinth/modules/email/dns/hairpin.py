# SPDX-License-Identifier: AGPL-3.0-or-later
"""Port 25 at the public address of a box behind a router, tried from the box itself.

Such a connection goes to the router, which sends it back if the port is forwarded. That shows a
forward, and not that the internet provider lets mail in. That it fails shows nothing: many routers
do not send back what comes from their own network.
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
    """The greeter at an address: our mail server, another one, none, or no one listened."""

    address: str
    code: Literal['own', 'other', 'silent', 'closed']


@dataclass(frozen=True)
class InsideTest(JsonValue):
    """The results at all addresses, and when that was."""

    when: datetime
    found: tuple[InsideResult, ...] = ()


def judge(found: Reached, host: str) -> InsideResult:
    """The result of a try at one address."""
    if found.problem:
        is_silent = found.problem == reached.SILENT
        return InsideResult(found.address, 'silent' if is_silent else 'closed')
    is_own = reached.is_greeting_of(host, found.greeting)
    return InsideResult(found.address, 'own' if is_own else 'other')


def run(host: str, addresses: Iterable[str]) -> InsideTest:
    """Try all addresses at the same time; it takes a few seconds at most."""
    chosen = list(addresses)[:MOST_ADDRESSES]

    async def greetings() -> list[Reached]:
        return await asyncio.gather(*map(reach.greeting, chosen))

    found = asyncio.run(greetings())
    now = datetime.now(UTC).replace(microsecond=0)
    return InsideTest(now, tuple(judge(each, host) for each in found))
