# SPDX-License-Identifier: AGPL-3.0-or-later
"""The certificates mail services show, read from where they are copied to."""

import pathlib
from collections.abc import Iterable

from cryptography import x509

from .manifest import DOVECOT_CERTIFICATE
from .overview import Certificate


def read(domain: str, pem: bytes) -> Certificate:
    """Return what matters of a certificate; ValueError if it is none."""
    certificate = x509.load_pem_x509_certificate(pem)
    signed_by_itself = certificate.issuer == certificate.subject
    return Certificate(domain, not signed_by_itself, certificate.not_valid_after_utc)


def installed(domains: Iterable[str]) -> tuple[Certificate, ...]:
    """Return the certificates of those domains that have one."""
    found = []
    for domain in domains:
        path = pathlib.Path(DOVECOT_CERTIFICATE.format(domain=domain))
        if path.exists():
            found.append(read(domain, path.read_bytes()))
    return tuple(found)
