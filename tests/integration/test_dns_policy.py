# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policy other mail servers fetch (MTA-STS), served by Apache over HTTPS."""

import json
from collections.abc import Iterator

import pytest

from lab import dns, life, outside, settings
from tests.conftest import Host

DOMAIN = settings.DOMAINS[0]
NAME = f'mta-sts.{DOMAIN}'
BOX = settings.BOX.ip
ZONE = f'@ A {BOX}\n@ MX 10 {DOMAIN}.\nmta-sts CNAME {DOMAIN}.\n'
SITE = f'/etc/apache2/sites-enabled/{NAME}.conf'
LIVE = f'/etc/letsencrypt/live/{NAME}'
AUTHORITY = '/usr/local/share/ca-certificates/lab.crt'


@pytest.fixture(name='zone')
def fixture_zone() -> Iterator[None]:
    """Serve a zone that leads to the policy."""
    dns.publish([outside.ZONE, outside.WORLD, dns.Zone(DOMAIN, ZONE)])
    yield
    life.publish_zones()


@pytest.fixture(name='certificate')
def fixture_certificate(box: Host) -> Iterator[None]:
    """Give the name a site and a trusted certificate, laid out as FreedomBox does."""
    box.run('mkdir', '-p', LIVE)
    box.run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
            f'/CN={NAME}', '-addext', f'subjectAltName=DNS:{NAME}', '-keyout',
            f'{LIVE}/privkey.pem', '-out', f'{LIVE}/fullchain.pem')  # fmt: skip
    box.run('cp', f'{LIVE}/fullchain.pem', AUTHORITY)
    box.run('update-ca-certificates')
    box.run('tee', SITE, stdin=f'Use FreedomBoxTLSSiteMacro {NAME}\n')
    box.run('systemctl', 'reload', 'apache2')
    yield
    box.run('rm', '-r', SITE, LIVE, AUTHORITY)
    box.run('update-ca-certificates', '--fresh')
    box.run('systemctl', 'reload', 'apache2')


def policy(box: Host) -> str:
    """Return the code of the verdict on the policy."""
    text = box.run('freedombox-email', 'dns', 'check', DOMAIN, '--json', check=False)
    return str(json.loads(text)['verdicts']['policy']['code'])


@pytest.mark.usefixtures('zone')
def test_a_certificate_nobody_trusts_is_named(box: Host) -> None:
    assert policy(box) == 'policy-untrusted'


@pytest.mark.usefixtures('zone', 'certificate')
def test_others_get_the_policy(box: Host) -> None:
    assert policy(box) == 'right'
    address = f'https://{NAME}/.well-known/mta-sts.txt'
    text = box.run('curl', '-sSf', '--resolve', f'{NAME}:443:{BOX}', address)
    assert text == f'version: STSv1\r\nmode: testing\r\nmx: {DOMAIN}\r\nmax_age: 604800\r\n'


@pytest.mark.parametrize('name', ['mta-sts.evil.example', DOMAIN])
def test_no_policy_under_other_names(box: Host, name: str) -> None:
    address = f'https://{name}/.well-known/mta-sts.txt'
    code = box.run('curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}', '--resolve',
                   f'{name}:443:{BOX}', address)  # fmt: skip
    assert code == '404'
