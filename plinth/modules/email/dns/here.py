# SPDX-License-Identifier: AGPL-3.0-or-later
"""What this box knows about itself, as far as DNS records depend on it."""

import hashlib
import pathlib
import socket
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ..config.facts import DOVECOT_CERTIFICATES
from ..directory.domain import Domain
from ..directory.store import Store
from ..errors import MailError
from . import policy
from .checks import Shown
from .compare import is_private
from .records import Key, Site

_FAR = ((socket.AF_INET, '192.0.2.1'), (socket.AF_INET6, '2001:db8::1'))
"""Addresses nobody has: nothing is sent there, the kernel only says which way it would go."""


def own_addresses() -> tuple[str, ...]:
    """Return the public addresses of this box; none when it stands behind a router."""
    found = []
    for family, far in _FAR:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((far, 53))
            except OSError:
                continue
            found.append(str(probe.getsockname()[0]))
    return tuple(address for address in found if not is_private(address))


def key_sum(certificate: x509.Certificate) -> str:
    """Return the SHA-256 sum of a certificate's public key, as TLSA records hold it."""
    public = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(public).hexdigest()


def read_certificate(pem: bytes) -> tuple[Shown, str]:
    """Return what matters of a certificate and the sum of its key; ValueError if it is none."""
    certificate = x509.load_pem_x509_certificate(pem)
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = tuple(extension.value.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        names = ()
    trusted = certificate.issuer != certificate.subject
    return Shown(names, trusted, certificate.not_valid_after_utc), key_sum(certificate)


def certificate_of(host: str) -> tuple[Shown, str] | None:
    """Return the certificate mail services show for a name."""
    path = pathlib.Path(DOVECOT_CERTIFICATES, host, 'cert.pem')
    try:
        return read_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None


def domains() -> tuple[list[str], str]:
    """Return the mail domains in use and the primary one."""
    with Store() as store:
        names = [domain.name for domain in store.search(Domain) if domain.enabled]
        return names, store.settings().primary_domain


def find(name: str) -> tuple[str, str]:
    """Return a domain of this box in normal form, and the host that takes its mail."""
    with Store() as store:
        domain = store.find(Domain, name)
        primary = store.settings().primary_domain
    if domain is None:
        raise MailError('domain-missing', f'{name} is no mail domain of this box.')
    return domain.name, primary or domain.name


def site(domain: str, host: str, facts: Mapping[str, Any]) -> Site:
    """Return everything the records of a domain depend on.

    `facts` are what only root can see: live signature keys, and keys of certificates that
    are about to be shown.
    """
    keys = tuple(Key(each['selector'], each['public'], each['kind']) for each in facts['keys'])
    live = certificate_of(host)
    sums = [live[1]] if live else []
    chosen = policy.read(domain)
    return Site(
        domain, host, own_addresses(), keys, _distinct([*sums, *facts['next_keys']]),
        chosen.mta_sts, chosen.dmarc,
    )  # fmt: skip


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
