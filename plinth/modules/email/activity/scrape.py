# SPDX-License-Identifier: AGPL-3.0-or-later
"""One request for metrics over HTTP, answered by a program with no rights.

systemd starts it for each connection, with the connection as its standard input and output. A
request for another host is refused: a page of a stranger could have a browser on this machine ask
under a name of its own (DNS rebinding).
"""

import sys
from collections.abc import Iterable
from typing import BinaryIO

from . import metrics

_LONGEST_LINE = 2000
_MOST_LINES = 100
HOSTS = frozenset({'127.0.0.1', 'localhost', ''})
_TYPE = 'text/plain; version=0.0.4; charset=utf-8'


def _status(request: str, headers: Iterable[str]) -> str:
    """The status of an answer: '200 OK', or why there is none."""
    method, _space, rest = request.partition(' ')
    path, _space, version = rest.partition(' ')
    named = [line.partition(':')[2].strip() for line in headers if line[:5].lower() == 'host:']
    if not version.startswith('HTTP/1.'):
        return '400 Bad Request'
    if len(named) > 1 or not HOSTS.issuperset(name.partition(':')[0] for name in named):
        return '403 Forbidden'
    if method not in ('GET', 'HEAD'):
        return '405 Method Not Allowed'
    return '200 OK' if path.partition('?')[0] == '/metrics' else '404 Not Found'


def answer(lines: list[str], text: str) -> bytes:
    """The answer to the lines of a request."""
    status = _status(lines[0] if lines else '', lines[1:])
    body = text if status == '200 OK' else f'{status}\n'
    if status == '200 OK' and not text:
        status, body = '503 Service Unavailable', 'No numbers yet\n'
    head = f'HTTP/1.1 {status}\r\nContent-Type: {_TYPE}\r\nContent-Length: {len(body)}\r\n'
    is_head = bool(lines) and lines[0].startswith('HEAD ')
    return f'{head}Connection: close\r\n\r\n{"" if is_head else body}'.encode('ascii')


def read_request(stream: BinaryIO) -> list[str]:
    """The lines of a request up to the empty one; no more than a request has."""
    found: list[str] = []
    while len(found) < _MOST_LINES:
        line = stream.readline(_LONGEST_LINE).decode('latin-1').strip('\r\n')
        if not line:
            break
        found.append(line)
    return found


def main() -> None:
    """Answer one request."""
    lines = read_request(sys.stdin.buffer)
    sys.stdout.buffer.write(answer(lines, metrics.read_page()))
