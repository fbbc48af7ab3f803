# SPDX-License-Identifier: AGPL-3.0-or-later
"""A domain's settings for mail apps seen from outside: ask another box, and answer one that asks.

NAME
    setups_outside - ask for settings as mail apps do, at the address of the box that asks

DESCRIPTION
    `ask` posts the name of a domain and of its mail host to a page of another FreedomBox, which
    asks for their settings at every place where mail apps do, and reports what they would get.

    `answer` is the other side. The names in a request are only said to the server it connects to
    (as its host, and in TLS): it never looks them up, and connects to nothing but the address the
    request came from, at ports 80 and 443, also where an answer leads on to another host. What it
    fetches is not passed on but for the name of a mail server in it.

    Of an answer counts what it says of places whose host has that address by DNS. Redirects that
    lead to another box are followed here only, so such a place is judged by this box's own view.
"""

import asyncio
import ipaddress
import json
import ssl
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..directory.address import parse_domain
from ..errors import MailError
from . import reach, web
from .answer import Setup
from .ask import Asker, families
from .compare import is_outside
from .discovery import Place, SetupWalk, places

PAGE = '/freedombox/apps/email/reach/setup/'
LONGEST_REQUEST = 1000
LONGEST_ANSWER = 16_000
PROBLEMS = frozenset({'', 'untrusted', 'unreachable', 'missing'})
ASK_SECONDS = 4.5
"""Longer than a place may take there (`discovery.SECONDS`)."""
_BROKEN = (OSError, EOFError, ValueError)


@dataclass(frozen=True)
class ToldSetups:
    """Another box's view of the settings at one of our addresses."""

    address: str = ''
    setups: Mapping[str, Setup] = field(default_factory=dict)


def read_request(body: bytes) -> tuple[str, str] | None:
    """The domain and the mail host a request is about; None when it names none."""
    try:
        data = json.loads(body) if len(body) <= LONGEST_REQUEST else None
        names = [data.get('domain'), data.get('host')] if isinstance(data, dict) else []
        domain, host = (parse_domain(each) for each in names if isinstance(each, str))
    except (ValueError, RecursionError, MailError):
        return None
    return domain, host


def answer(address: str, own: Collection[str], domain: str, host: str) -> ToldSetups:
    """The settings at the address of a box that asks; `own` are our addresses."""
    if not is_outside(address, own):
        return ToldSetups(address)

    async def find(_host: str) -> tuple[str, ...]:
        return (address,)

    asked = ((place, (address,)) for place in places(domain, (host,)))
    return ToldSetups(address, asyncio.run(SetupWalk(find).all(asked)))


def write(told: ToldSetups) -> dict[str, Any]:
    """An answer as JSON can hold it."""
    found = {key: [each.problem, each.host] for key, each in told.setups.items()}
    return {'address': told.address, 'setups': found}


def read(text: str, asked: Iterable[Place]) -> ToldSetups:
    """The answer in a text; an empty one for anything else."""
    try:
        data = json.loads(text) if len(text) <= LONGEST_ANSWER else None
        return _read(data, asked) if isinstance(data, dict) else ToldSetups()
    except (ValueError, TypeError, LookupError, RecursionError):
        return ToldSetups()


def _read(data: Mapping[str, Any], asked: Iterable[Place]) -> ToldSetups:
    """The answer in parsed JSON; ValueError or the like when it is none."""
    found = {}
    for place in asked:
        if place.key in data['setups']:
            problem, host = data['setups'][place.key]
            found[place.key] = _setup(place, problem, host)
    return ToldSetups(str(ipaddress.ip_address(data['address'])), found)


def _setup(place: Place, problem: str, host: str) -> Setup:
    """Another box's words on a place; ValueError for anything it would not say."""
    if problem not in PROBLEMS or bool(problem) is bool(host):
        raise ValueError('neither settings nor a problem')
    if host and (len(host) > 253 or not host.isascii() or not host.isprintable()):
        raise ValueError('not a host')
    return Setup(place.url, problem, host, outside=True)


async def _ask_at(page: web.WebPage, address: str, body: bytes) -> str:
    """The text a box answers at one of its addresses, '' when it does not."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return web.read(await web.get(page, address, body, reach.KIND)) or ''
    except (ssl.SSLCertVerificationError, *_BROKEN):
        return ''


async def ask(
    asker: Asker, other: str, domain: str, host: str, asked: Collection[Place]
) -> tuple[ToldSetups, ...]:
    """Another box's view of a domain's settings, one for each kind of its addresses."""
    kinds = families(await asker.addresses(other))
    page, body = web.WebPage(other, PAGE), json.dumps({'domain': domain, 'host': host}).encode()
    texts = await asyncio.gather(*(_ask_at(page, kind[0], body) for kind in kinds))
    return tuple(read(text, asked) for text in texts)


def merged(
    asked: Iterable[tuple[Place, tuple[str, ...]]],
    here: Mapping[str, Setup],
    told: Collection[ToldSetups],
    host: str,
) -> dict[str, Setup]:
    """The settings mail apps get: another box's view where it saw the place, else this box's.

    A mail app takes the first address that answers, so one with settings is enough.
    """
    found = dict(here)
    for place, addresses in asked:
        if place.key.endswith('-srv') and place.page.host != host:
            continue
        seen = [each.setups.get(place.key) for each in told if each.address in addresses]
        known = [each for each in seen if each]
        best = next((each for each in known if each.host), known[0] if known else None)
        if best:
            found[place.key] = replace(best, outside=True)
    return found
