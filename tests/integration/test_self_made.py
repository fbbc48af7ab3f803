# SPDX-License-Identifier: AGPL-3.0-or-later
"""Until a domain has a certificate of an authority, it shows one that names it."""

import re
import subprocess

import pytest

from lab import settings
from tests.conftest import Host

PORTS = {25: 'smtp', 465: '', 587: 'smtp', 143: 'imap', 993: '', 995: '', 4190: 'sieve'}
FOLDER = '/etc/ssl/private/freedombox-email'


def shown(box: Host, port: int, domain: str) -> str:
    """The certificate a port shows to a client that asks for a domain."""
    starttls = ['-starttls', PORTS[port]] if PORTS[port] else []
    done = subprocess.run(
        ['openssl', 's_client', '-connect', f'{box.ip}:{port}', '-servername', domain, *starttls],
        input='', capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    found = re.search(r'-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----', done.stdout, re.S)
    assert found, done.stderr
    return found[0]


def names(certificate: str) -> str:
    """The names a certificate is for, as openssl prints them."""
    return subprocess.run(
        ['openssl', 'x509', '-noout', '-ext', 'subjectAltName'],
        input=certificate, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


@pytest.mark.parametrize('domain', settings.DOMAINS)
@pytest.mark.parametrize('port', PORTS)
def test_a_certificate_names_its_domain(box: Host, port: int, domain: str) -> None:
    assert names(shown(box, port, domain)).split()[-1] == f'DNS:{domain}'


def test_a_client_that_asks_for_no_domain_gets_the_primary_one(box: Host) -> None:
    assert names(shown(box, 993, 'unknown.test')).split()[-1] == f'DNS:{settings.DOMAINS[0]}'


def test_it_stays_the_same_and_its_key_is_hidden(box: Host) -> None:
    """A person who trusted it is not asked again."""
    before = shown(box, 993, settings.DOMAINS[0])
    box.run('freedombox-cmd', 'email', 'certificate_make',
            stdin=f'{{"args": ["{settings.DOMAINS[0]}"], "kwargs": {{}}}}')  # fmt: skip
    assert shown(box, 993, settings.DOMAINS[0]) == before
    assert box.run('stat', '-c', '%a %U', FOLDER).split() == ['700', 'root']
    for user in ('www-data', 'nobody', 'plinth'):
        assert not box.succeeds('runuser', '-u', user, '--', 'ls', FOLDER)
