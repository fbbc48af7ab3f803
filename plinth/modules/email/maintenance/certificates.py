# SPDX-License-Identifier: AGPL-3.0-or-later
"""The certificates mail services show, read from where they are copied to."""

import logging
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ..config.paths import DOVECOT_CERTIFICATE

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Certificate:
    """The certificate a domain's mail services show."""

    domain: str
    trusted: bool
    expires: datetime | None
    """None when the certificate cannot be read."""


def read(domain: str, pem: bytes) -> Certificate:
    """Return what matters of a certificate; ValueError if it is none."""
    certificate = x509.load_pem_x509_certificate(pem)
    signed_by_itself = certificate.issuer == certificate.subject
    return Certificate(domain, not signed_by_itself, certificate.not_valid_after_utc)


def _look_at(domain: str, path: pathlib.Path) -> Certificate:
    """The certificate in a file; one that is damaged never hides those of other domains."""
    try:
        return read(domain, path.read_bytes())
    except (OSError, ValueError) as error:
        logger.warning('The certificate %s cannot be read: %s', path, error)
        return Certificate(domain, False, None)


def installed(domains: Iterable[str]) -> tuple[Certificate, ...]:
    """The certificates of those domains that have one."""
    paths = {domain: pathlib.Path(DOVECOT_CERTIFICATE.format(domain=domain)) for domain in domains}
    return tuple(_look_at(domain, path) for domain, path in paths.items() if path.exists())
