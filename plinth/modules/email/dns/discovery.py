# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ask for a domain's settings where mail programs do.

Thunderbird, K-9 and others fetch a file (autoconfig), Outlook posts a question
(autodiscover). Both ask several names in turn, take no answer without a certificate for the
name except over plain HTTP, and follow redirects. What answers is a stranger's server.
"""

import asyncio
import ssl
import xml.etree.ElementTree as ET  # defusedxml reads
from collections.abc import Iterator
from dataclasses import dataclass
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
_NOBODY = 'nobody'
"""The name in the questions: the answer is the same for every address of a domain."""
_REQUEST = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006'
RESPONSE = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a'
_SHUT = (TimeoutError, OSError, asyncio.IncompleteReadError, ValueError)


@dataclass(frozen=True)
class Place:
    """A place where mail apps ask; `key` names it in verdicts."""

    key: str
    page: web.WebPage
    body: bytes = b''

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


def places(domain: str, targets: tuple[str, ...]) -> tuple[Place, ...]:
    """Where programs ask; `targets` are the hosts of the SRV record for Outlook."""
    asked = f'?emailaddress={_NOBODY}@{domain}'
    body = question(domain)
    config, discover = f'autoconfig.{domain}', f'autodiscover.{domain}'
    return (
        Place('autoconfig', web.WebPage(config, CONFIG + asked)),
        Place('well-known', web.WebPage(domain, WELL_KNOWN + asked)),
        Place('autoconfig-http', web.WebPage(config, CONFIG + asked, 80, encrypted=False)),
        Place('well-known-http', web.WebPage(domain, WELL_KNOWN + asked, 80, encrypted=False)),
        Place('autodiscover-domain', web.WebPage(domain, DISCOVER), body),
        Place('autodiscover', web.WebPage(discover, DISCOVER), body),
        Place('autodiscover-http', web.WebPage(discover, DISCOVER, 80, encrypted=False), body),
        *(Place('autodiscover-srv', web.WebPage(each, DISCOVER), body) for each in targets[:1]),
    )


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


async def _get(place: Place, page: web.WebPage, addresses: tuple[str, ...]) -> bytes:
    """All the first of these addresses answers; Outlook posts to certified names only."""
    body = place.body if page.encrypted else b''
    failure: Exception = OSError('no address')
    for address in addresses:
        try:
            return await web.get(page, address, body)
        except ssl.SSLCertVerificationError:
            raise
        except _SHUT as error:
            failure = error
    raise failure


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


async def _walk(asker: Asker, place: Place, addresses: tuple[str, ...]) -> str:
    """The host a place names, there or where it leads on to."""
    page = place.page
    for _step in range(MOST_REDIRECTS):
        data = await _get(place, page, addresses)
        after = _next(page, data)
        if after is None:
            break
        page = after
        found = await asker.addresses(page.host)
        addresses = tuple(each for each in found if not is_private(each))
    if place.body and not page.encrypted:
        raise ValueError('Outlook takes nothing but a redirect over plain HTTP')
    return read(data, 'Autodiscover' if place.body else 'clientConfig')


async def ask(asker: Asker, place: Place, addresses: tuple[str, ...]) -> Setup:
    """The settings a mail app gets at one place."""
    if not addresses:
        return Setup(place.url, 'absent')
    try:
        async with asyncio.timeout(SECONDS):
            return Setup(place.url, host=await _walk(asker, place, addresses))
    except ssl.SSLCertVerificationError:
        return Setup(place.url, 'untrusted')
    except (TimeoutError, OSError, asyncio.IncompleteReadError):
        return Setup(place.url, 'unreachable')
    except ValueError:
        return Setup(place.url, 'missing')


async def look(asker: Asker, site: Site, seen: Seen) -> dict[str, Setup]:
    """The settings mail apps get everywhere they ask, by the keys of the places."""
    values = seen.view(f'_autodiscover._tcp.{site.domain}', 'SRV').best.values
    entries = sorted(value.split() for value in values if len(value.split()) == 4)
    targets = tuple(
        entry[3].rstrip('.').lower() for entry in entries if entry[2] == '443' and entry[3] != '.'
    )
    asked = places(site.domain, targets)

    async def one(place: Place) -> tuple[str, Setup]:
        addresses = seen.addresses(place.page.host) or await asker.addresses(place.page.host)
        return place.key, await ask(asker, place, addresses)

    return dict(await asyncio.gather(*map(one, asked)))
