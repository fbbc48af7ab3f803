# SPDX-License-Identifier: AGPL-3.0-or-later
"""Certificates the box makes itself: for the name, kept, and made again when they are no good."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from cryptography import x509

from ...errors import MailError
from ...system import certificates
from .. import self_made

DOMAIN = 'example.org'
LONG = f'{"a" * 60}.{"b" * 60}.org'


def make(folder: Path, domain: str = DOMAIN) -> tuple[bytes, bytes]:
    """Key and certificate of a domain."""
    store = Mock()
    store.get.return_value.name = domain
    self_made.ensure(store, domain, folder)
    key, certificate = self_made.paths_of(domain, folder)
    return key.read_bytes(), certificate.read_bytes()


@pytest.mark.parametrize('domain', [DOMAIN, 'xn--bcher-kva.test', LONG])
def test_it_is_for_the_domain_and_no_one_vouches_for_it(tmp_path: Path, domain: str) -> None:
    found = certificates.read(domain, make(tmp_path, domain)[1])
    assert found.names == (domain,)
    assert not found.trusted
    assert found.expires is not None
    assert found.expires > datetime.now(UTC) + timedelta(days=3000)


def test_only_root_reads_the_key(tmp_path: Path) -> None:
    make(tmp_path / 'new')
    key, _certificate = self_made.paths_of(DOMAIN, tmp_path / 'new')
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


def test_it_stays_the_same(tmp_path: Path) -> None:
    assert make(tmp_path) == make(tmp_path)


def _of_another_key(folder: Path) -> None:
    other = make(folder, 'other.org')[0]
    self_made.paths_of(DOMAIN, folder)[0].write_bytes(other)


def _of_another_name(folder: Path) -> None:
    for path, other in zip(
        self_made.paths_of(DOMAIN, folder), make(folder, 'other.org'), strict=True
    ):
        path.write_bytes(other)


def _cut_short(folder: Path) -> None:
    path = self_made.paths_of(DOMAIN, folder)[1]
    path.write_bytes(path.read_bytes()[:100])


def _without_a_key(folder: Path) -> None:
    self_made.paths_of(DOMAIN, folder)[0].unlink()


@pytest.mark.parametrize('spoil', [_of_another_key, _of_another_name, _cut_short, _without_a_key])
def test_one_that_is_no_good_is_made_again(tmp_path: Path, spoil: object) -> None:
    before = make(tmp_path)
    assert callable(spoil)
    spoil(tmp_path)
    after = make(tmp_path)
    assert after[1] != before[1]
    assert certificates.read(DOMAIN, after[1]).names == (DOMAIN,)
    assert make(tmp_path) == after


def test_one_that_ends_soon_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_made, 'LASTS', self_made.RENEWED_BEFORE - timedelta(days=1))
    before = make(tmp_path)
    assert make(tmp_path) != before


@pytest.mark.parametrize('name', ['../x', '', 'a/b', '.hidden', 'a b'])
def test_a_name_that_is_no_path_is_refused(name: str) -> None:
    with pytest.raises(MailError):
        self_made.paths_of(name)


def test_files_are_what_freedombox_copies(tmp_path: Path) -> None:
    """A key in one file and one certificate in the other, as PEM."""
    key, certificate = make(tmp_path)
    assert key.startswith(b'-----BEGIN PRIVATE KEY-----')
    assert len(x509.load_pem_x509_certificates(certificate)) == 1
