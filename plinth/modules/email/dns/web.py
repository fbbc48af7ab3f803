# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fetch a small page from a web server whose address is known already.

Python's own client would look the name up by itself, and wait for it as long as it likes.
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

BIGGEST = 64_000


@dataclass(frozen=True)
class WebPage:
    """A request to a web server."""

    host: str
    path: str
    port: int = 443
    encrypted: bool = True

    def __post_init__(self) -> None:
        """Refuse text that would break out of a request's first lines."""
        for text in (self.host, self.path):
            if not text.isascii() or not text.isprintable() or ' ' in text:
                raise ValueError(f'Not a part of an address: {text!r}')
        if not self.host or not self.path.startswith('/'):
            raise ValueError(f'Not a page: {self}')


def parse(url: str) -> WebPage:
    """The page a web address leads to; ValueError when it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ('http', 'https') or not parts.hostname:
        raise ValueError(f'Not an address of a web page: {url!r}')
    encrypted = parts.scheme == 'https'
    path = (parts.path or '/') + (f'?{parts.query}' if parts.query else '')
    return WebPage(parts.hostname, path, parts.port or (443 if encrypted else 80), encrypted)


def read(data: bytes) -> str | None:
    """The text in a web server's answer, None when there is no such page."""
    head, _gap, body = data.partition(b'\r\n\r\n')
    words = head.split(b'\r\n', 1)[0].split()
    if len(words) < 2 or words[1] != b'200':
        return None
    return body.decode('utf-8', 'replace')


def location(data: bytes) -> str | None:
    """Where a web server's answer leads on to, None when it does not."""
    lines = data.partition(b'\r\n\r\n')[0].decode('ascii', 'replace').split('\r\n')
    words = lines[0].split()
    if len(words) < 2 or words[1] not in ('301', '302', '303', '307', '308'):
        return None
    found = (line.partition(':') for line in lines[1:])
    return next((value.strip() for name, _, value in found if name.lower() == 'location'), '')


def trust() -> ssl.SSLContext:
    """Trust in certificates others trust too; to read the authorities takes some milliseconds."""
    return ssl.create_default_context()


async def get(
    page: WebPage,
    address: str,
    body: bytes = b'',
    kind: str = 'text/xml',
    trusted: ssl.SSLContext | None = None,
) -> bytes:
    """All a web server answers; its certificate must be one others trust too.

    With a body, it is posted. `trusted` saves reading the authorities for each of many requests.
    """
    context = (trusted or trust()) if page.encrypted else None
    name = page.host if page.encrypted else None
    reader, writer = await asyncio.open_connection(
        address, page.port, ssl=context, server_hostname=name, limit=BIGGEST
    )
    try:
        sizes = (f'Content-Type: {kind}', f'Content-Length: {len(body)}') if body else ()
        first = f'{"POST" if body else "GET"} {page.path} HTTP/1.0'
        lines = (first, f'Host: {page.host}', 'Connection: close', *sizes, '', '')
        writer.write('\r\n'.join(lines).encode() + body)
        data = b''
        while len(data) < BIGGEST and (part := await reader.read(BIGGEST)):
            data += part
        return data
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
