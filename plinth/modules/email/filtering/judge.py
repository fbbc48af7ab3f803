# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages for several mailboxes, judged once more for each of them as Dovecot delivers them.

DESCRIPTION
    Our Sieve script asks by Dovecot's protocol for programs behind a socket: some lines, the last
    of them the address of the mailbox, a blank line, and the message. Rspamd is asked behind its
    local socket, with the message as it lies there: its score of the first look is in a line of
    ours. The answer is `junk` or `inbox`.

    systemd holds the socket and starts this with the first such message; it ends after some minutes
    without one.

DIAGNOSTICS
    first  the memory of the mailbox has nothing to say, or Rspamd does not answer: what was found
           when the message came counts
"""

import json
import logging
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from ..config.statistic import CONTROLLER, OWN_HAM, OWN_SPAM, SECOND_LOOK

Verdict = Literal['junk', 'inbox', 'first']
IDLE = 300.0
AT_ONCE = 4
SECONDS = 20.0
_FIRST_SOCKET = 3
_LONGEST = 70 * 1024 * 1024
_LONGEST_ADDRESS = 320
_JUNK = frozenset({'add header', 'rewrite subject', 'reject'})
_INBOX = frozenset({'no action', 'greylist'})
_OWN = frozenset({OWN_SPAM, OWN_HAM})

logger = logging.getLogger(__name__)


class UnreadableRequestError(ValueError):
    """The request does not follow the protocol."""


def parse(request: bytes) -> tuple[str, bytes]:
    """The address of a mailbox and the message in a request."""
    head, blank, message = request.partition(b'\n\n')
    lines = head.split(b'\n')
    if not blank or len(lines) < 3 or not lines[0].startswith(b'VERSION\tscript\t4\t'):
        raise UnreadableRequestError
    address = lines[-1].decode('utf-8', 'replace')
    if '@' not in address or not address.isprintable() or len(address) > _LONGEST_ADDRESS:
        raise UnreadableRequestError
    return address, message


def verdict(answer: object) -> Verdict:
    """The meaning of an answer of Rspamd, if the mailbox's own memory took part in it."""
    if not isinstance(answer, dict) or not isinstance(answer.get('symbols'), dict):
        return 'first'
    action = answer.get('action')
    if _OWN.isdisjoint(answer['symbols']):
        return 'first'
    return 'junk' if action in _JUNK else 'inbox' if action in _INBOX else 'first'


def ask(address: str, message: bytes) -> Verdict:
    """Rspamd's verdict on a message for a mailbox."""
    head = (
        f'POST /checkv2 HTTP/1.0\r\nSettings-ID: {SECOND_LOOK}\r\nRcpt: {address}\r\n'
        f'Content-Length: {len(message)}\r\n\r\n'
    )
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(SECONDS)
            connection.connect(CONTROLLER)
            connection.sendall(head.encode() + message)
            answer = _read(connection)
        return verdict(json.loads(answer.partition(b'\r\n\r\n')[2]))
    except (OSError, ValueError) as error:
        logger.warning('A message is not judged once more: %s', error)
        return 'first'


def _read(connection: socket.socket) -> bytes:
    """All that a client says; too much is nothing."""
    pieces, size = [], 0
    while piece := connection.recv(65536):
        pieces.append(piece)
        size += len(piece)
        if size > _LONGEST:
            raise UnreadableRequestError
    return b''.join(pieces)


def serve(connection: socket.socket) -> None:
    """Answer one client; the last line says that the program did well, or did not."""
    with connection:
        connection.settimeout(SECONDS)
        try:
            answer = f'{ask(*parse(_read(connection)))}+\n'
        except (OSError, UnreadableRequestError) as error:
            print(f'a client was cut off: {error!r}', file=sys.stderr)
            answer = '-\n'
        try:
            connection.sendall(answer.encode())
        except OSError as error:
            print(f'a client went away: {error}', file=sys.stderr)


def main() -> None:
    """Serve the socket systemd hands over until no message came for a while."""
    listening = socket.socket(fileno=_FIRST_SOCKET)
    listening.settimeout(IDLE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            try:
                connection, _address = listening.accept()
            except TimeoutError:
                return
            pool.submit(serve, connection)
