# SPDX-License-Identifier: AGPL-3.0-or-later
"""The certificates mail services show, read from where FreedomBox copies them to."""

import hashlib
import logging
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization

FOLDER = pathlib.Path('/etc/dovecot/letsencrypt')
NAME = 'cert.pem'

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Certificate:
    """The certificate a domain's mail services show."""

    domain: str
    trusted: bool
    expires: datetime | None
    """None when the certificate cannot be read."""
    names: tuple[str, ...] = ()
    """The names it is for."""
    chain: tuple[tuple[bytes, bytes], ...] = ()
    """It and those that issued it: each whole, and its public key, both in DER."""

    @property
    def key_sum(self) -> str:
        """The SHA-256 sum of its public key, as TLSA records hold it."""
        return hashlib.sha256(self.chain[0][1]).hexdigest() if self.chain else ''


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(found.value.get_values_for_type(x509.DNSName))


def read(domain: str, pem: bytes) -> Certificate:
    """The first certificate of a file with those that issued it; ValueError if there is none."""
    chain = x509.load_pem_x509_certificates(pem)
    first = chain[0]
    return Certificate(
        domain,
        first.issuer != first.subject,
        first.not_valid_after_utc,
        _names(first),
        tuple((each.public_bytes(serialization.Encoding.DER), _public(each)) for each in chain),
    )


def path_of(domain: str) -> pathlib.Path:
    """The file of a domain's certificate."""
    return FOLDER / domain / NAME


def of(domain: str) -> Certificate | None:
    """The certificate of a domain, None where there is none that can be read."""
    try:
        return read(domain, path_of(domain).read_bytes())
    except (OSError, ValueError):
        return None


def _look_at(domain: str, path: pathlib.Path) -> Certificate:
    """The certificate in a file; one that is damaged never hides those of other domains."""
    try:
        return read(domain, path.read_bytes())
    except (OSError, ValueError) as error:
        logger.warning('The certificate %s cannot be read: %s', path, error)
        return Certificate(domain, False, None)


def installed(domains: Iterable[str]) -> tuple[Certificate, ...]:
    """The certificates of those domains that have one."""
    paths = {domain: path_of(domain) for domain in domains}
    return tuple(_look_at(domain, path) for domain, path in paths.items() if path.exists())
