# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policy other mail servers fetch (MTA-STS), served by Apache over HTTPS."""

import json
from collections.abc import Iterator

import pytest

from lab import dns, life, outside, settings
from tests.conftest import Host

from . import certificates

DOMAIN = settings.DOMAINS[0]
NAME = f'mta-sts.{DOMAIN}'
BOX = settings.BOX.ip
ZONE = f'@ A {BOX}\n@ MX 10 {DOMAIN}.\nmta-sts CNAME {DOMAIN}.\n'


@pytest.fixture(name='zone')
def fixture_zone() -> Iterator[None]:
    """Serve a zone that leads to the policy."""
    dns.publish([outside.ZONE, outside.WORLD, dns.LabZone(DOMAIN, ZONE)])
    yield
    life.publish_zones()


@pytest.fixture(name='certificate')
def fixture_certificate(box: Host) -> Iterator[None]:
    """Give the name a site and a trusted certificate."""
    with certificates.authority(box), certificates.site(box, NAME):
        yield


def policy(box: Host) -> str:
    """The code of the verdict on the policy."""
    text = box.run('freedombox-email', 'dns', 'check', DOMAIN, '--json', check=False)
    return str(json.loads(text)['verdicts']['policy']['code'])


@pytest.mark.usefixtures('zone')
def test_a_certificate_no_one_trusts_is_named(box: Host) -> None:
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


@pytest.mark.usefixtures('zone', 'certificate')
def test_the_policy_is_as_strict_as_chosen(box: Host) -> None:
    address = f'https://{NAME}/.well-known/mta-sts.txt'
    box.run('freedombox-email', 'domain', 'change', DOMAIN, '--mta-sts', 'enforce')
    try:
        text = box.run('curl', '-sSf', '--resolve', f'{NAME}:443:{BOX}', address)
        assert 'mode: enforce\r\n' in text
        assert policy(box) == 'right'
    finally:
        box.run('freedombox-email', 'domain', 'change', DOMAIN, '--mta-sts', 'testing')
