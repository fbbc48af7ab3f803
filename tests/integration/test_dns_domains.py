# SPDX-License-Identifier: AGPL-3.0-or-later
"""Domains that are not the plain case: below another one, international, behind a router."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lab import dns, life, outside, settings
from tests.conftest import Host

# After a change Rspamd logs that its port was only tested.
pytestmark = pytest.mark.journal_may_say('rspamd.*controller_error_handler')

MAIN = settings.DOMAINS[0]
BOX = settings.BOX.ip
HOST = dns.LabZone(MAIN, f'@ A {BOX}')


@pytest.fixture(autouse=True)
def _zones() -> Iterator[None]:
    """Serve the lab's own zones again afterwards."""
    yield
    life.publish_zones()


@contextmanager
def added(box: Host, domain: str) -> Iterator[None]:
    """Have one more mail domain."""
    box.run('freedombox-email', 'domain', 'add', domain)
    try:
        yield
    finally:
        box.run('freedombox-email', 'dns', 'server', domain, '--remove')
        box.run('freedombox-email', 'domain', 'remove', domain, '--force')


def check(box: Host, domain: str) -> dict[str, Any]:
    """The verdicts on a domain."""
    text = box.run('freedombox-email', 'dns', 'check', domain, '--json', check=False)
    found: dict[str, Any] = json.loads(text)['verdicts']
    return found


def push(box: Host, domain: str, zone: str) -> list[str]:
    """Publish all, and return what is not right then."""
    words = ('freedombox-email', 'dns', 'server', domain, settings.DNS, '--zone', zone)
    box.run(*words, '--key-name', dns.UPDATE_KEY, stdin=f'{dns.UPDATE_SECRET}\n')
    check(box, domain)
    box.run('freedombox-email', 'dns', 'push', domain)
    after = check(box, domain)
    shown = box.run('freedombox-email', 'dns', 'show', domain, '--json')
    records = json.loads(shown)['records']
    inside = [record['role'] for record in records if record['name'].endswith(zone)]
    bad = {role for role in inside if after[role]['state'] != 'works'}
    return sorted(bad - {'srv-autodiscover'})  # the certificate of the lab is not trusted


@pytest.mark.long
def test_a_domain_below_another_one(box: Host) -> None:
    top, domain = 'club.example', 'mail.club.example'
    dns.publish([outside.ZONE, outside.WORLD, HOST, dns.LabZone(top, 'www A 192.0.2.80',
                                                             dns.CHANGEABLE)])  # fmt: skip
    with added(box, domain):
        verdicts = check(box, domain)
        assert verdicts['domain']['code'] == 'domain-absent'
        assert verdicts['domain']['params'] == {'zone': top}, 'it is no zone of its own'
        assert push(box, domain, top) == []
        text = box.run('freedombox-email', 'dns', 'zone', domain)
        assert f'$ORIGIN {top}.' in text


def test_a_policy_from_above_counts(box: Host) -> None:
    top, domain = 'club.example', 'mail.club.example'
    body = '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:postmaster@club.example"'
    dns.publish([outside.ZONE, outside.WORLD, HOST, dns.LabZone(top, body)])
    with added(box, domain):
        assert check(box, domain)['dmarc']['code'] == 'dmarc-inherited'


def test_an_international_domain(box: Host) -> None:
    domain, ascii_form = 'bücher.example', 'xn--bcher-kva.example'
    dns.publish([outside.ZONE, outside.WORLD, HOST,
                 dns.LabZone(ascii_form, 'www A 192.0.2.80', dns.CHANGEABLE)])  # fmt: skip
    with added(box, domain):
        assert push(box, domain, ascii_form) == []


@pytest.mark.parametrize('domain', ['abcdefghijklmnop.onion', 'house.local'])
def test_a_domain_without_dns_needs_nothing(box: Host, domain: str) -> None:
    with added(box, domain):
        shown = json.loads(box.run('freedombox-email', 'dns', 'show', domain, '--json'))
        assert shown['records'] == []
        assert check(box, domain) == {}
