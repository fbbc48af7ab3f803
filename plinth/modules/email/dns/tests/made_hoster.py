# SPDX-License-Identifier: AGPL-3.0-or-later
"""A hoster of DNS for tests: a web server on this machine that keeps what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

SECRET = 'a-token-of-tests'
Hoster = TypeVar('Hoster', bound='MadeHoster')


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    authorization: str
    body: Any


@dataclass
class MadeHoster:
    """The web server: its zone by label and kind, its requests, and an answer it is to give."""

    zone: str
    sets: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    status: int = 0
    """A status to refuse all requests with, 0 for none."""
    content: bytes | None = None
    """Words to answer all requests with."""
    url: str = ''

    def answer(self, request: Asked) -> tuple[int, bytes]:
        """The answer to a request, or the one it is to give."""
        self.asked.append(request)
        if self.status or self.content is not None:
            return self.status or 200, self.content or b'{"detail": "no"}'
        if request.authorization not in {f'Token {SECRET}', f'Bearer {SECRET}'}:
            return 401, b'{"detail": "Invalid token."}'
        return self.serve(request)

    def serve(self, request: Asked) -> tuple[int, bytes]:
        """The answer to a request with the right token, as deSEC gives it."""
        if request.path == '/hook':
            return 204, b''
        if request.path != f'/domains/{self.zone}/rrsets/':
            return 404, b'{"detail": "Not found."}'
        if request.method == 'PATCH':
            return self._patch(request.body)
        listed = [
            {'subname': label, 'type': kind, 'records': values, 'ttl': 3600, 'name': 'x'}
            for (label, kind), values in self.sets.items()
        ]
        return 200, json.dumps(listed).encode()

    def _patch(self, sets: Any) -> tuple[int, bytes]:
        """Change all sets, or none."""
        for each in sets:
            if set(each) != {'subname', 'type', 'ttl', 'records'} or each['ttl'] < 3600:
                return 400, b'[{"ttl": ["too short"]}]'
            if each['type'] == 'TXT' and not all(text.startswith('"') for text in each['records']):
                return 400, b'[{"records": ["quotes are missing"]}]'
        for each in sets:
            key = (each['subname'], each['type'])
            self.sets[key] = each['records']
            if not each['records']:
                del self.sets[key]
        return 200, json.dumps(sets).encode()


def _handler(hoster: MadeHoster) -> type[BaseHTTPRequestHandler]:
    class HosterHandler(BaseHTTPRequestHandler):
        """Hand each request to the hoster."""

        def _serve(self) -> None:
            length = int(self.headers.get('Content-Length') or 0)
            raw = self.rfile.read(length)
            body = json.loads(raw) if raw else None
            asked = Asked(self.command, self.path, self.headers.get('Authorization', ''), body)
            status, content = hoster.answer(asked)
            self.send_response(status)
            if status in {301, 302}:
                self.send_header('Location', 'http://192.0.2.1/')
            self.send_header('Content-Length', str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    return HosterHandler


@contextmanager
def serving(hoster: Hoster) -> Iterator[Hoster]:
    """Run a hoster."""
    with ThreadingHTTPServer(('127.0.0.1', 0), _handler(hoster)) as server:
        hoster.url = f'http://127.0.0.1:{server.server_port}'
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield hoster
        finally:
            server.shutdown()


@contextmanager
def running(zone: str) -> Iterator[MadeHoster]:
    """Run deSEC with an empty zone."""
    with serving(MadeHoster(zone)) as hoster:
        yield hoster
