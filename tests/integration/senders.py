# SPDX-License-Identifier: AGPL-3.0-or-later
"""Domains elsewhere whose mail is signed (DKIM), with policies for spoofed mail (DMARC)."""

import base64
import subprocess
import uuid
from collections.abc import Sequence
from email.message import EmailMessage

import dkim

from lab import dns, settings


def _key() -> tuple[bytes, str]:
    """A private key and the record of its public half."""
    private = subprocess.run(
        ['openssl', 'genrsa', '-traditional', '2048'], capture_output=True, check=True
    ).stdout
    public = subprocess.run(
        ['openssl', 'rsa', '-pubout', '-outform', 'DER'],
        input=private, capture_output=True, check=True,
    ).stdout  # fmt: skip
    text = base64.b64encode(public).decode()
    strings = ' '.join(f'"{part}"' for part in ('v=DKIM1; k=rsa; p=', text[:200], text[200:]))
    return private, strings


PRIVATE, PUBLIC = _key()
SELECTOR = f's{uuid.uuid4().hex}'
"""Never used before: the key of an earlier run may still be in the box's cache."""
KEY_RECORD = f'{SELECTOR}._domainkey TXT ({PUBLIC})'


def zone(domain: str, policy: str = '', spf: str = f'ip4:{settings.GATEWAY}') -> dns.LabZone:
    """The zone of a domain with this key; tests send from the address its SPF allows."""
    lines = [f'@ A {settings.OUTSIDE_IP}', f'@ TXT "v=spf1 {spf} -all"', KEY_RECORD]
    lines += [f'_dmarc TXT "v=DMARC1; p={policy}"'] if policy else []
    return dns.LabZone(domain, '\n'.join(lines))


def signed(message: EmailMessage, domain: str, also: Sequence[str] = ()) -> bytes:
    """A message with a signature of its domain."""
    plain = message.as_bytes()
    headers = [name.lower().encode() for name in ('From', 'To', 'Subject', 'Date', *also)]
    signature = dkim.sign(
        plain, SELECTOR.encode(), domain.encode(), PRIVATE, include_headers=headers, linesep=b'\n'
    )
    return bytes(signature) + plain


def sealed(plain: bytes, by: str, results: str) -> bytes:
    """A message with the seal of a forwarder and its findings (ARC)."""
    whole = f'Authentication-Results: {by}; {results}\n'.encode() + plain
    seal = dkim.arc_sign(whole, SELECTOR.encode(), by.encode(), PRIVATE, by.encode(), linesep=b'\n')
    return b''.join(seal) + whole
