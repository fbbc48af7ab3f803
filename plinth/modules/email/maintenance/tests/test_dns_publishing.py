# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys for records, and the key of a name server."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ...directory.domain import Domain
from ...dkim import keystore
from ...errors import MailError
from .. import dns_publishing
from ..dns_publishing import NameServer

SECRET = 'MDEyMzQ1Njc4OWFiY2RlZg=='


def pem(key: Any) -> bytes:
    """A private key as the signer's files hold it."""
    made: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made


RSA = pem(rsa.generate_private_key(65537, 2048))
ED25519 = pem(ed25519.Ed25519PrivateKey.generate())


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_publishing, 'FOLDER', tmp_path / 'dns')
    monkeypatch.setattr(keystore, 'KEYS', str(tmp_path))
    monkeypatch.setattr(
        'plinth.modules.email.dns.local_facts.find', lambda name: (Domain(name), 'a.test')
    )


def test_every_key_of_a_domain_and_of_no_other_is_live(tmp_path: Path) -> None:
    for name, content in {
        'a.test.2026-01.key': RSA,
        'a.test.2026-01-ed.key': ED25519,
        'a.test.2026-02.new': RSA,
        'a.test.org.dkim.key': RSA,
        'b.test.dkim.key': RSA,
    }.items():
        (tmp_path / name).write_bytes(content)
    found = dns_publishing.live_keys('a.test')
    assert [(key.selector, key.kind) for key in found] == [
        ('2026-01', 'rsa'),
        ('2026-01-ed', 'ed25519'),
    ]
    assert len(found[1].public) == 44
    assert found[0].public.startswith('MIIBIjANBg')


def test_a_key_no_one_signs_mail_with(tmp_path: Path) -> None:
    (tmp_path / 'a.test.x.key').write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(ValueError, match='not a kind of key'):
        dns_publishing.live_keys('a.test')


@pytest.mark.parametrize('name', ['../etc', 'a/b', '', 'a b', '*'])
def test_a_name_that_is_a_path_or_pattern(name: str) -> None:
    for ask in (dns_publishing.live_keys, dns_publishing.next_keys, dns_publishing.web_names):
        with pytest.raises(MailError, match='host or domain name'):
            ask(name)
    with pytest.raises(MailError):
        dns_publishing._path(name)


def test_a_name_server_is_kept_under_the_name_dns_knows() -> None:
    assert dns_publishing._path('bücher.test').name == 'xn--bcher-kva.test.json'


def given(**changes: Any) -> dict[str, Any]:
    """The data a form would send, with something changed."""
    return {'domain': 'a.test', 'server': '192.0.2.53', 'key_name': 'k', 'zone': 'a.test',
            'algorithm': 'hmac-sha256', 'port': 53, 'secret': SECRET, **changes}  # fmt: skip


def keep(**changes: Any) -> None:
    """Keep a name server, as root does."""
    dns_publishing.dns_provider_set(**given(**changes))


def test_the_secret_is_kept_and_never_shown() -> None:
    keep()
    path = dns_publishing.FOLDER / 'a.test.json'
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert json.loads(path.read_text())['secret'] == SECRET
    shown = dns_publishing.dns_provider('a.test')
    assert shown == NameServer(
        'a.test', '192.0.2.53', 53, 'k', 'hmac-sha256', 'rfc2136', '192.0.2.53'
    )
    assert SECRET not in str(shown.to_json())
    assert NameServer.from_json(json.loads(json.dumps(shown.to_json()))) == shown
    dns_publishing.dns_provider_remove('a.test')
    assert dns_publishing.dns_provider('a.test') is None


@pytest.mark.parametrize(
    'changes',
    [
        {'server': 'x'},
        {'zone': 'b.test'},
        {'zone': 'test'},
        {'secret': '!'},
        {'port': 70000},
        {'kind': 'other'},
        {'kind': 'webhook', 'server': 'http://example.org/'},
    ],
)
def test_nothing_is_kept_that_cannot_be_used(changes: dict[str, Any]) -> None:
    with pytest.raises(MailError):
        keep(**changes)
    assert not dns_publishing.FOLDER.exists()


def test_nowhere_to_push_to() -> None:
    with pytest.raises(MailError) as raised:
        dns_publishing.plan('a.test')
    assert raised.value.code == 'provider-missing'


def test_a_spoilt_file() -> None:
    keep()
    (dns_publishing.FOLDER / 'a.test.json').write_text('{"zone": 1}')
    with pytest.raises(MailError) as raised:
        dns_publishing.plan('a.test')
    assert raised.value.code == 'provider-invalid'
