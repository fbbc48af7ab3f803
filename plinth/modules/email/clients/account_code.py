# SPDX-License-Identifier: AGPL-3.0-or-later
"""QR codes: an account for Thunderbird on Android and K-9, and links.

Both apps read accounts as Thunderbird's "Export for Mobile" writes them, in version 1 of its
format: JSON arrays with servers, security, login and password. Host names and addresses are ASCII.
"""

import json

import segno

from .account import ClientAccount
from .servers import IMAP, OUTGOING, Security, Server

FORMAT = 1
ONE_OF_ONE = (1, 1)
IMAP_PROTOCOL = 0
SMTP_PROTOCOL = 0
PASSWORD = 1
"""The authentication type of a password that TLS alone protects."""
_SECURITY = {Security.STARTTLS: 2, Security.TLS: 3}


def payload(account: ClientAccount) -> str:
    """The account as text of a QR code; ValueError when its address is not ASCII."""
    if not account.is_ascii:
        raise ValueError('The format has ASCII addresses only')
    incoming = _server(IMAP_PROTOCOL, IMAP, account)
    outgoing = _server(SMTP_PROTOCOL, OUTGOING[0], account)
    identity = [account.address, account.name]
    text = [
        FORMAT,
        ONE_OF_ONE,
        [*incoming, account.address, account.password],
        [[[*outgoing, account.password], identity]],
    ]
    return json.dumps(text, ensure_ascii=False, separators=(',', ':'))


def _server(protocol: int, server: Server, account: ClientAccount) -> list[str | int]:
    """The elements both kinds of servers begin with."""
    host, security = account.settings.host, _SECURITY[server.security]
    return [protocol, host, server.port, security, PASSWORD, account.address]


def drawing(text: str) -> str:
    """A QR code as an SVG element, black on white in every theme, without a size of its own."""
    code = segno.make(text, error='m', micro=False, boost_error=False)
    drawn: str = code.svg_inline(dark='#000', light='#fff', omitsize=True)
    return drawn
