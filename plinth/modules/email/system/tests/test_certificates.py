# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading certificates."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .. import certificates

ENDS = datetime(2030, 1, 1, tzinfo=UTC)


def make(issuer: str) -> bytes:
    """A certificate of example.org."""
    key = ec.generate_private_key(ec.SECP256R1())

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    certificate = (
        x509.CertificateBuilder()
        .subject_name(name('example.org'))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ENDS - timedelta(days=90))
        .not_valid_after(ENDS)
        .sign(key, hashes.SHA256())
    )
    pem: bytes = certificate.public_bytes(serialization.Encoding.PEM)
    return pem


@pytest.mark.parametrize(('issuer', 'trusted'), [('example.org', False), ('Some CA', True)])
def test_read(issuer: str, trusted: bool) -> None:
    found = certificates.read('example.org', make(issuer))
    assert (found.domain, found.trusted, found.expires) == ('example.org', trusted, ENDS)


def test_only_what_is_installed_is_read(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(certificates, 'path_of', lambda domain: tmp_path / f'{domain}.pem')
    (tmp_path / 'a.org.pem').write_bytes(make('Some CA'))
    assert [found.domain for found in certificates.installed(['a.org', 'b.org'])] == ['a.org']


def test_a_damaged_one_hides_no_other(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(certificates, 'path_of', lambda domain: tmp_path / f'{domain}.pem')
    (tmp_path / 'a.org.pem').write_bytes(b'rubbish')
    (tmp_path / 'b.org.pem').write_bytes(make('Some CA'))
    found = {each.domain: each.expires for each in certificates.installed(['a.org', 'b.org'])}
    assert found == {'a.org': None, 'b.org': ENDS}


def test_rubbish_is_refused() -> None:
    with pytest.raises(ValueError, match='PEM'):
        certificates.read('a.org', b'rubbish')
