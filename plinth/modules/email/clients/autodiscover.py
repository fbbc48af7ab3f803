# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings in the form Outlook asks for (Microsoft's MS-OXDSCLI, "plain old XML").

A question is an XML document from a stranger: defusedxml refuses document types and
entities, and what is longer than `LONGEST` is not read.
"""

import xml.etree.ElementTree as ET  # only writes here
from datetime import UTC, datetime

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from ..directory.address import parse
from ..dns import discovery
from ..errors import MailError
from .servers import IMAP, POP3, SUBMISSIONS, ClientSettings, Server

LONGEST = 16_384
"""Bytes of a question; those of Outlook have about 400."""
OUTLOOK = discovery.RESPONSE
_ENVELOPE = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006'
INVALID, UNKNOWN, OTHER_SCHEMA = 600, 500, 601
_MESSAGES = {
    INVALID: 'Invalid Request',
    UNKNOWN: 'The e-mail address cannot be found.',
    OTHER_SCHEMA: 'Provider is not available',
}
"""Codes of errors and their texts, as Exchange has them: programs look at the code."""


class RefusedError(ValueError):
    """A question without an answer; `code` is one of `_MESSAGES`."""

    def __init__(self, code: int) -> None:
        super().__init__(_MESSAGES[code])
        self.code = code


def read(body: bytes) -> str:
    """The address whose settings are wanted.

    RefusedError when there is none, or another kind of answer is wanted.
    """
    if not body or len(body) > LONGEST:
        raise RefusedError(INVALID)
    try:
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, ET.ParseError, LookupError, ValueError) as error:
        raise RefusedError(INVALID) from error
    schema = _text(root, 'AcceptableResponseSchema')
    if schema and schema != OUTLOOK:
        raise RefusedError(OTHER_SCHEMA)
    try:
        return str(parse(_text(root, 'EMailAddress')))
    except MailError as error:
        raise RefusedError(INVALID) from error


def _text(root: ET.Element, name: str) -> str:
    """The text of an element below Request, in any namespace."""
    found = root.find(f'{{*}}Request/{{*}}{name}')
    return (found.text or '').strip() if found is not None else ''


def document(settings: ClientSettings, address: str) -> bytes:
    """The settings for an address, as XML."""
    response, root = _response(OUTLOOK)
    ET.SubElement(ET.SubElement(response, 'User'), 'DisplayName').text = address
    account = ET.SubElement(response, 'Account')
    ET.SubElement(account, 'AccountType').text = 'email'
    ET.SubElement(account, 'Action').text = 'settings'
    for server in (IMAP, POP3, SUBMISSIONS):
        _add(ET.SubElement(account, 'Protocol'), server, settings.host, address)
    return _written(root)


def _add(protocol: ET.Element, server: Server, host: str, address: str) -> None:
    """Add the settings of a server; `SSL` means encrypted from the start."""
    for name, text in (
        ('Type', server.kind.upper()),
        ('Server', host),
        ('Port', str(server.port)),
        ('DomainRequired', 'off'),
        ('LoginName', address),
        ('SPA', 'off'),
        ('SSL', 'on'),
        ('AuthRequired', 'on'),
    ):
        ET.SubElement(protocol, name).text = text


def error(code: int, now: datetime | None = None) -> bytes:
    """The document that says why there is no answer."""
    response, root = _response('')
    when = f'{now or datetime.now(UTC):%H:%M:%S.%f}'
    element = ET.SubElement(response, 'Error', Time=when, Id='1')
    ET.SubElement(element, 'ErrorCode').text = str(code)
    ET.SubElement(element, 'Message').text = _MESSAGES[code]
    ET.SubElement(element, 'DebugData')
    return _written(root)


def _response(schema: str) -> tuple[ET.Element, ET.Element]:
    """An empty response and the document around it."""
    root = ET.Element('Autodiscover', xmlns=_ENVELOPE)
    return ET.SubElement(root, 'Response', {'xmlns': schema} if schema else {}), root


def _written(root: ET.Element) -> bytes:
    text: bytes = ET.tostring(root, encoding='utf-8', xml_declaration=True)
    return text


def url(host: str) -> str:
    """Where a host answers these questions."""
    return f'https://{host}{discovery.DISCOVER}'
