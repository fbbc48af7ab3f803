# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings in the form Thunderbird and many others read (draft-ietf-mailmaint-autoconfig)."""

import xml.etree.ElementTree as ET  # only writes here

from .servers import INCOMING, OUTGOING, ClientSettings, Security, Server

LONGEST_SHORT_NAME = 20
_SOCKETS = {Security.TLS: 'SSL', Security.STARTTLS: 'STARTTLS'}


def document(settings: ClientSettings) -> bytes:
    """The settings as XML; it names nothing but the domain, the host and its ports."""
    root = ET.Element('clientConfig', version='1.1')
    provider = ET.SubElement(root, 'emailProvider', id=settings.domain)
    for name, text in (
        ('domain', settings.domain),
        ('displayName', settings.domain),
        ('displayShortName', settings.domain[:LONGEST_SHORT_NAME]),
    ):
        ET.SubElement(provider, name).text = text
    for tag, servers in (('incomingServer', INCOMING), ('outgoingServer', OUTGOING)):
        for server in servers:
            _add(ET.SubElement(provider, tag, type=server.kind), server, settings.host)
    written: bytes = ET.tostring(root, encoding='utf-8', xml_declaration=True)
    return written


def _add(element: ET.Element, server: Server, host: str) -> None:
    """Add the settings of a server."""
    for name, text in (
        ('hostname', host),
        ('port', str(server.port)),
        ('socketType', _SOCKETS[server.security]),
        ('authentication', 'password-cleartext'),
        ('username', '%EMAILADDRESS%'),
    ):
        ET.SubElement(element, name).text = text
