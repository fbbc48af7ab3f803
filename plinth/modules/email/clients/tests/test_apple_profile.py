# SPDX-License-Identifier: AGPL-3.0-or-later
"""Profiles for iPhone, iPad and Mac hold an account, and a signature that openssl accepts."""

import plistlib
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from plinth.modules.email.clients.account import ClientAccount
from plinth.modules.email.clients.apple_profile import document, sign
from plinth.modules.email.clients.servers import ClientSettings
from plinth.modules.email.clients.tests.apple_schema import faults_of_profile

ACCOUNT = ClientAccount(
    ClientSettings('example.org', 'mail.example.org'), 'jane@example.org', 'k7f3-d9qm', 'Jane & Co'
)
TEXT = 'Sets up your mail.'


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def issued(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey
) -> bytes:
    """A certificate of a name, issued by another one."""
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30))
        .add_extension(x509.BasicConstraints(name == issuer, None), critical=True)
        .sign(by, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def test_the_profile_has_the_fields_devices_ask_for() -> None:
    profile = plistlib.loads(document(ACCOUNT, TEXT))
    (mail,) = profile['PayloadContent']
    assert profile['PayloadType'] == 'Configuration'
    assert profile['PayloadRemovalDisallowed'] is False
    assert mail['PayloadType'] == 'com.apple.mail.managed'
    assert mail['EmailAccountType'] == 'EmailTypeIMAP'
    assert mail['EmailAddress'] == mail['IncomingMailServerUsername'] == 'jane@example.org'
    assert mail['IncomingMailServerHostName'] == mail['OutgoingMailServerHostName']
    for kind, port in (('Incoming', 993), ('Outgoing', 465)):
        assert mail[f'{kind}MailServerPortNumber'] == port
        assert mail[f'{kind}MailServerUseSSL'] is True
    assert mail['IncomingPassword'] == 'k7f3-d9qm'
    assert mail['OutgoingPasswordSameAsIncomingPassword'] is True
    assert mail['EmailAccountName'] == 'Jane & Co'


def test_the_profile_follows_its_schema() -> None:
    profile = plistlib.loads(document(ACCOUNT, TEXT))
    assert not faults_of_profile(profile)
    (mail,) = profile['PayloadContent']
    del mail['IncomingMailServerHostName']
    mail |= {'OutgoingMailServerPortNumber': '465', 'EmailAccountType': 'IMAP', 'Secret': 1}
    assert faults_of_profile({**profile, 'PayloadUUID': 'none'}) == [
        'EmailAccountType cannot be IMAP',
        'IncomingMailServerHostName is missing',
        'OutgoingMailServerPortNumber is no int',
        'PayloadUUID cannot be none',
        'Secret is unknown',
    ]


def test_a_new_profile_of_an_address_takes_the_place_of_the_earlier_one() -> None:
    first, second = (plistlib.loads(document(ACCOUNT, TEXT)) for _ in range(2))
    assert first['PayloadIdentifier'] == second['PayloadIdentifier']
    assert first['PayloadUUID'] != second['PayloadUUID']


def test_openssl_verifies_the_signature_and_the_chain(tmp_path: Path) -> None:
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = issued('Test CA', ca_key, 'Test CA', ca_key)
    chain = issued('mail.example.org', key, 'Test CA', ca_key)
    content = document(ACCOUNT, TEXT)
    (tmp_path / 'ca.pem').write_bytes(ca)
    (tmp_path / 'profile').write_bytes(sign(content, chain + ca, pem(key)))
    ran = subprocess.run(
        ['openssl', 'smime', '-verify', '-inform', 'DER', '-in', tmp_path / 'profile',
         '-CAfile', tmp_path / 'ca.pem', '-purpose', 'any'],
        capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == content


def test_a_key_that_cannot_sign_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    chain = issued('mail.example.org', key, 'mail.example.org', key)
    with pytest.raises(ValueError, match='kind'):
        sign(b'', chain, pem(ed25519.Ed25519PrivateKey.generate()))
