# SPDX-License-Identifier: AGPL-3.0-or-later
"""The line in which another server noted how it took a message from this one.

A server adds a Received field on top (RFC 5321, 4.4; the protocols of RFC 3848), so the lowest one
that names this server as the client is the handover; fields above it are of servers behind. What
stands in parentheses is free text: Postfix, Sendmail, Gmail, Exchange and Exim are understood,
anything else is not known.
"""

import re
from dataclasses import dataclass
from email.message import Message

from ..directory.address import parse_domain
from ..errors import MailError
from ..reports import message
from ..system.json_value import JsonValue

_CLIENT = re.compile(r'from (\S{1,255})(?: \(([^()]{1,400})\))?')
_SERVER = re.compile(r'\bby (\S{1,255})')
_PROTOCOL = re.compile(r'\bwith (?:UTF8)?((?:E?SMTP|LMTP)(S?)(A?))\b', re.IGNORECASE)
_TLS = re.compile(r'\b(?:version=|using |\()TLS ?v?[0-9]', re.IGNORECASE)
_OF_EXIM = '(Exim '
_LOOKED_UP = re.compile(r'(?:EHLO \S{1,255} )?(\S{1,255}) \[[0-9A-Fa-f.:]{2,45}\]')
_NOT_FOUND = 'unknown'


@dataclass(frozen=True)
class ReceivedField(JsonValue):
    """How the server `by` took a message; None for what it did not say."""

    by: str
    helo: str
    encrypted: bool | None = None
    logged_in: bool = False
    """Whether the client logged in, as at a relay, so that its address does not count."""
    reverse: str | None = None
    """The confirmed host name of the client's address, '' if none was found."""

    def __post_init__(self) -> None:
        """Refuse names that are not in normal form."""
        for name in (self.by, self.helo, self.reverse):
            if name and parse_domain(name) != name:
                raise ValueError(f'Not in normal form: {name!r}')


def _name(text: str) -> str | None:
    """A host name, None for what is none."""
    try:
        return parse_domain(text.rstrip('.'))
    except MailError:
        return None


def _is_from(line: str, host: str) -> bool:
    """Whether a field says that it is about mail from a host."""
    client = _CLIENT.match(line)
    said = (client[1], *(client[2] or '').split()) if client else ()
    return any(each.lower().rstrip('.') in (host, f'helo={host}') for each in said)


def _encrypted(line: str) -> bool | None:
    """Whether the conversation was encrypted."""
    if _TLS.search(line):
        return True
    protocol = _PROTOCOL.search(line)
    return bool(protocol[2]) if protocol else None


def _reverse(line: str) -> str | None:
    """The host name that was found for the client's address."""
    client = _CLIENT.match(line)
    if not client:
        return None
    if _OF_EXIM in line:
        return '' if client[1].startswith('[') else _name(client[1])
    found = _LOOKED_UP.fullmatch((client[2] or '').strip())
    if not found:
        return None
    return '' if found[1].lower() == _NOT_FOUND else _name(found[1])


def _read(line: str, host: str) -> ReceivedField | None:
    """The handover in a field, None where that is no server's name."""
    server = _SERVER.search(line)
    by = _name(server[1]) if server else None
    if not by or by == host:
        return None
    protocol = _PROTOCOL.search(line)
    return ReceivedField(by, host, _encrypted(line), bool(protocol and protocol[3]), _reverse(line))


def received_by_others(copy: Message, host: str) -> ReceivedField | None:
    """The handover of a message by a host, None when no other server noted one."""
    lines = reversed(message.values(copy, 'Received'))
    found = (_read(line, host) for line in lines if _is_from(line, host))
    return next(filter(None, found), None)
