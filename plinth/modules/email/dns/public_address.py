# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ask a service out there at which address it sees this box.

Only for a box behind a router, and only when a person asks for it: the service chosen in
FreedomBox's privacy settings learns the address, and when it was asked for.
"""

import asyncio
import ipaddress

from ..errors import MailError
from . import web
from .ask import Asker, resolvers
from .compare import is_private

SECONDS = 3.0


def read_address(text: str | None) -> str:
    """The address in a service's answer, '' when it is none others could reach."""
    try:
        address = str(ipaddress.ip_address((text or '').strip()))
    except ValueError:
        return ''
    return '' if is_private(address) else address


async def _seen_from(page: web.WebPage, address: str) -> str:
    """The address a service sees when it is asked at one of its own."""
    try:
        return read_address(web.read(await web.get(page, address)))
    except (OSError, EOFError, ValueError):
        return ''


async def _ask(page: web.WebPage) -> tuple[str, ...]:
    """Ask a service by both versions of the internet protocol."""
    found = await Asker(resolvers()).addresses(page.host)
    kinds = [[each for each in found if (':' in each) is six][:1] for six in (False, True)]
    seen = await asyncio.gather(*(_seen_from(page, each[0]) for each in kinds if each))
    return tuple(address for address in seen if address)


def ask(url: str) -> tuple[str, ...]:
    """The addresses a service sees this box at."""
    if not url:
        raise MailError('lookup-off')

    async def run() -> tuple[str, ...]:
        async with asyncio.timeout(SECONDS):
            return await _ask(web.parse(url))

    try:
        found = asyncio.run(run())
    except (TimeoutError, ValueError) as error:
        raise MailError('lookup-failed', str(error)) from error
    if not found:
        raise MailError('lookup-failed.no-address')
    return found
