# SPDX-License-Identifier: AGPL-3.0-or-later
"""Certificates a box makes itself, shown until a domain has one of an authority.

Mail apps ask a person whether to trust such a certificate, and show its name. Debian's names the
machine, and all domains would show the same one. Ours names the domain, and stays the same until
it ends, so that a person is asked once.

DIAGNOSTICS
    domain-missing   there is no such mail domain
    no-space, not-writable   the certificate could not be stored
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ..config.facts import check_name
from ..directory.domain import Domain
from ..directory.store import Store
from ..system import files

FOLDER = Path('/etc/ssl/private/freedombox-email')
"""FreedomBox copies certificates only from below /etc/ssl and /etc/letsencrypt."""
LASTS = timedelta(days=3650)
RENEWED_BEFORE = timedelta(days=60)
_BITS = 2048
"""RSA, which all mail apps and mail servers know."""
_LONGEST_NAME = 64
"""Of a subject (X.520); the names that count stand beside it."""


def paths_of(domain: str, folder: Path = FOLDER) -> tuple[Path, Path]:
    """The files of a domain's key and certificate."""
    check_name(domain)
    return folder / f'{domain}.key', folder / f'{domain}.pem'


def ensure(store: Store, domain: str, folder: Path = FOLDER) -> None:
    """Make the certificate of a mail domain, unless a good one is there."""
    name = store.get(Domain, domain).name
    key_path, path = paths_of(name, folder)
    if _is_good(key_path, path, name):
        return
    key = rsa.generate_private_key(65537, _BITS)
    certificate = _certificate(key, name, datetime.now(UTC))
    with files.named_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.put(key_path, _pem(key), 0o600)
        files.put(path, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    """A private key as text."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate(key: rsa.RSAPrivateKey, domain: str, now: datetime) -> x509.Certificate:
    """A certificate for one name, signed with its own key."""
    short = domain if len(domain) <= _LONGEST_NAME else 'FreedomBox'
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, short)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _is_good(key_path: Path, path: Path, domain: str) -> bool:
    """Whether files hold a key and its certificate, for this name and for long enough."""
    try:
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        found = x509.load_pem_x509_certificate(path.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return (
        found.public_key() == key.public_key()
        and names.get_values_for_type(x509.DNSName) == [domain]
        and found.not_valid_after_utc > datetime.now(UTC) + RENEWED_BEFORE
    )
