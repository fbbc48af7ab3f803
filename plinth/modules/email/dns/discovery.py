# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ask for a domain's settings where mail programs do.

Thunderbird, K-9 and others fetch a file (autoconfig), with an address in the question or without.
Outlook posts a question (autodiscover), or first asks where to post it (version 2). All ask
several names in turn, take no answer without a certificate for the name except over plain HTTP,
and follow redirects. What answers is a stranger's server.
"""

import asyncio
import json
import ssl
import xml.etree.ElementTree as ET  # defusedxml reads
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from . import web
from .answer import Seen, Setup
from .ask import Asker
from .compare import is_private
from .records import Site

SECONDS = 3.0
MOST_REDIRECTS = 3
LONGEST_HOST = 253
CONFIG = '/mail/config-v1.1.xml'
WELL_KNOWN = f'/.well-known/autoconfig{CONFIG}'
DISCOVER = '/autodiscover/autodiscover.xml'
REFERS = '/autodiscover/autodiscover.json'
_NOBODY = 'nobody'
"""The name in the questions: the answer is the same for every address of a domain."""
_REQUEST = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006'
RESPONSE = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a'
_SHUT = (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError)
Find = Callable[[str], Awaitable[tuple[str, ...]]]
"""The addresses of a host that an answer leads to."""


@dataclass(frozen=True)
class Place:
    """A place where mail apps ask; `key` names it in verdicts.

    One that `refers` names the page to which the question is posted then.
    """

    key: str
    page: web.WebPage
    body: bytes = b''
    refers: bool = False

    @property
    def url(self) -> str:
        """The address as people would write it."""
        return f'http{"s" * self.page.encrypted}://{self.page.host}{self.page.path}'


def question(domain: str) -> bytes:
    """The request of Outlook."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="{_REQUEST}"><Request>'
        f'<EMailAddress>{_NOBODY}@{domain}</EMailAddress>'
        f'<AcceptableResponseSchema>{RESPONSE}</AcceptableResponseSchema>'
        '</Request></Autodiscover>'
    ).encode()


def _autoconfig(domain: str) -> Iterator[Place]:
    """Where Thunderbird and others ask; `-bare` without an address in the question."""
    pairs = (('autoconfig', f'autoconfig.{domain}', CONFIG), ('well-known', domain, WELL_KNOWN))
    for ending, port in (('', 443), ('-http', 80)):
        for name, host, path in pairs:
            for kind, asked in (('', f'?emailaddress={_NOBODY}@{domain}'), ('-bare', '')):
                page = web.WebPage(host, path + asked, port, encrypted=port == 443)
                yield Place(f'{name}{ending}{kind}', page)


def _autodiscover(domain: str, targets: tuple[str, ...]) -> Iterator[Place]:
    """Where Outlook asks."""
    body, name = question(domain), f'autodiscover.{domain}'
    asked = f'{REFERS}?Email={_NOBODY}@{domain}&Protocol=AutodiscoverV1&RedirectCount=1'
    yield Place('autodiscover-domain', web.WebPage(domain, DISCOVER), body)
    yield Place('autodiscover', web.WebPage(name, DISCOVER), body)
    yield Place('autodiscover-http', web.WebPage(name, DISCOVER, 80, encrypted=False), body)
    for each in targets[:1]:
        yield Place('autodiscover-srv', web.WebPage(each, DISCOVER), body)
    yield Place('autodiscover-domain-json', web.WebPage(domain, asked), body, refers=True)
    yield Place('autodiscover-json', web.WebPage(name, asked), body, refers=True)


def places(domain: str, targets: tuple[str, ...]) -> tuple[Place, ...]:
    """Where programs ask; `targets` are the hosts of the SRV record for Outlook."""
    return (*_autoconfig(domain), *_autodiscover(domain, targets))


def read(data: bytes, wants: str) -> str:
    """The host programs are told to read mail from; ValueError when an answer names none.

    `wants` is the name of the document's first element.
    """
    text = web.read(data)
    if text is None:
        raise ValueError('no such page')
    try:
        body = text.lstrip('\ufeff').strip().encode()
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, ET.ParseError, LookupError) as error:
        raise ValueError('not settings') from error
    if root.tag.rpartition('}')[2] != wants:
        raise ValueError('another document')
    host = next(_hosts(root), '').strip().lower()
    if not host or len(host) > LONGEST_HOST or not host.isprintable():
        raise ValueError('no host')
    return host


def _hosts(root: ET.Element) -> Iterator[str]:
    """The hosts of IMAP servers in a document of either kind."""
    for server in root.iter('incomingServer'):
        if server.get('type') == 'imap':
            yield server.findtext('hostname') or ''
    for protocol in root.iter(f'{{{RESPONSE}}}Protocol'):
        if protocol.findtext(f'{{{RESPONSE}}}Type') == 'IMAP':
            yield protocol.findtext(f'{{{RESPONSE}}}Server') or ''


def referral(data: bytes) -> web.WebPage:
    """The page an answer in JSON names; ValueError when it names none, or one without TLS."""
    text = web.read(data)
    try:
        found = json.loads(text or '')
    except RecursionError as error:
        raise ValueError('nested without end') from error
    url = found.get('Url') if isinstance(found, dict) else None
    page = web.parse(url) if isinstance(url, str) else None
    if page is None or not page.encrypted or page.port != 443:
        raise ValueError('not where programs go')
    return page


def _next(page: web.WebPage, data: bytes) -> web.WebPage | None:
    """Where an answer leads on to; ValueError when no program should go there."""
    location = web.location(data)
    if location is None:
        return None
    url = f'http{"s" * page.encrypted}://{page.host}{page.path}'
    found = web.parse(urljoin(url, location))
    if found.port != (443 if found.encrypted else 80) or (page.encrypted and not found.encrypted):
        raise ValueError('not where programs go')
    return found


@dataclass(frozen=True)
class SetupWalk:
    """The way of a mail app from a place to its settings; `find` has the addresses of hosts."""

    find: Find
    trusted: ssl.SSLContext = field(default_factory=web.trust)

    async def _get(self, page: web.WebPage, addresses: tuple[str, ...], body: bytes) -> bytes:
        """All the first of these addresses answers; Outlook posts to certified names only."""
        sent = body if page.encrypted else b''
        failure: Exception = OSError('no address')
        for address in addresses:
            try:
                return await web.get(page, address, sent, trusted=self.trusted)
            except ssl.SSLCertVerificationError:
                raise
            except _SHUT as error:
                failure = error
        raise failure

    async def _go(self, place: Place, addresses: tuple[str, ...]) -> str:
        """The host a place names, there or where it leads on to."""
        page, refers, data = place.page, place.refers, b''
        for _step in range(MOST_REDIRECTS):
            data = await self._get(page, addresses, b'' if refers else place.body)
            after = _next(page, data)
            if after is None and refers:
                after, refers = referral(data), False
            if after is None:
                break
            page, addresses = after, await self.find(after.host)
        if place.body and not page.encrypted:
            raise ValueError('Outlook takes nothing but a redirect over plain HTTP')
        return read(data, 'Autodiscover' if place.body else 'clientConfig')

    async def ask(self, place: Place, addresses: tuple[str, ...]) -> Setup:
        """The settings a mail app gets at one place."""
        if not addresses:
            return Setup(place.url, 'absent')
        try:
            async with asyncio.timeout(SECONDS):
                return Setup(place.url, host=await self._go(place, addresses))
        except ssl.SSLCertVerificationError:
            return Setup(place.url, 'untrusted')
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return Setup(place.url, 'unreachable')
        except ValueError:
            return Setup(place.url, 'missing')

    async def all(self, asked: Iterable[tuple[Place, tuple[str, ...]]]) -> dict[str, Setup]:
        """The settings mail apps get at all places, by their keys."""
        pairs = tuple(asked)
        found = await asyncio.gather(*(self.ask(place, where) for place, where in pairs))
        return {place.key: each for (place, _where), each in zip(pairs, found, strict=True)}


def targets_of(site: Site, seen: Seen) -> tuple[str, ...]:
    """The hosts of the SRV record for Outlook, the first one first."""
    values = seen.view(f'_autodiscover._tcp.{site.domain}', 'SRV').best.values
    entries = sorted(value.split() for value in values if len(value.split()) == 4)
    return tuple(
        entry[3].rstrip('.').lower() for entry in entries if entry[2] == '443' and entry[3] != '.'
    )


async def addressed(
    asker: Asker, site: Site, seen: Seen
) -> tuple[tuple[Place, tuple[str, ...]], ...]:
    """The places where mail apps ask, each with the addresses of its host."""
    asked = places(site.domain, targets_of(site, seen))
    hosts = tuple({place.page.host for place in asked})
    known = [seen.addresses(host) for host in hosts]
    found = await asyncio.gather(
        *(asker.addresses(host) for host, there in zip(hosts, known, strict=True) if not there)
    )
    missing = iter(found)
    addresses = {host: there or next(missing) for host, there in zip(hosts, known, strict=True)}
    return tuple((place, addresses[place.page.host]) for place in asked)


def from_here(asker: Asker) -> SetupWalk:
    """The way of a mail app from this box, which goes to public addresses only."""

    async def find(host: str) -> tuple[str, ...]:
        return tuple(each for each in await asker.addresses(host) if not is_private(each))

    return SetupWalk(find)
