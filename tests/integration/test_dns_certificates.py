# SPDX-License-Identifier: AGPL-3.0-or-later
"""Certificates and the records about their keys (TLSA), through a renewal."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from lab import dns, life, outside, settings
from lab.host import wait_for
from tests.conftest import Host

from . import certificates

DOMAIN = settings.DOMAINS[0]
BOX = settings.BOX.ip
TOLD = f'/var/lib/freedombox-email-dns/{DOMAIN}.told.json'


@pytest.fixture(autouse=True)
def _authority(box: Host) -> Iterator[None]:
    """Have certificates others trust, and forget what was told."""
    with certificates.authority(box):
        yield
        box.run('rm', '-f', TOLD)
        life.publish_zones()


def publish(*keys: str) -> None:
    """Serve a signed zone that names these keys."""
    lines = [f'_25._tcp TLSA 3 1 1 {key}' for key in keys]
    zone = dns.LabZone(DOMAIN, '\n'.join([f'@ A {BOX}', f'@ MX 10 {DOMAIN}.', *lines]), dns.SIGNED)
    around = [outside.ZONE, outside.WORLD]
    dns.publish([*around, zone])
    dns.publish([*around, zone, dns.LabZone('.', dns.delegation(DOMAIN))])


def look(box: Host) -> dict[str, Any]:
    """Run the daily check and return what was told."""
    unit = 'freedombox-email-records.service'
    box.run('systemctl', 'reset-failed', unit)
    box.run('systemctl', 'start', unit)
    found: dict[str, Any] = json.loads(box.run('cat', TOLD))
    return found


def a_day_passes(box: Host) -> None:
    """Let what was told be a day older."""
    told = json.loads(box.run('cat', TOLD))
    told['since'] = {
        role: (datetime.fromisoformat(each) - timedelta(days=1, minutes=1)).isoformat()
        for role, each in told['since'].items()
    }
    box.run('tee', TOLD, stdin=json.dumps(told))


@pytest.mark.long
def test_a_new_certificate_waits_until_others_know_its_key(box: Host) -> None:
    first = certificates.issue(box, DOMAIN)
    certificates.renewed(box, DOMAIN)
    wait_for('the first certificate', lambda: certificates.shown(box, DOMAIN) == (first,) * 2, 60)
    publish(first)
    told = look(box)
    assert [told['verdicts'][role]['code'] for role in ('dnssec', 'tlsa-0', 'certificate')] == [
        'dnssec-signed', 'right', 'right',
    ]  # fmt: skip

    second = certificates.issue(box, DOMAIN)
    certificates.renewed(box, DOMAIN)
    journal = ('journalctl', '-u', 'plinth', '--since=-1min')
    wait_for('the second one to wait', lambda: f'of {DOMAIN} waits' in box.run(*journal), 60)
    told = look(box)
    assert told['values']['tlsa-1'] == f'3 1 1 {second}'
    assert told['verdicts']['tlsa-1']['code'] == 'tlsa-next'

    publish(first, second)
    assert look(box)['verdicts']['tlsa-1']['code'] == 'right'
    assert certificates.shown(box, DOMAIN) == (first,) * 2, 'not everybody knows the new key yet'
    a_day_passes(box)
    wait_for('the second one', lambda: certificates.shown(box, DOMAIN) == (second,) * 2, 90)
    told = look(box)
    assert 'tlsa-1' not in told['values']
    assert told['verdicts']['tlsa-0']['code'] == 'tlsa-more', 'the old key can go'


def test_without_such_records_a_new_certificate_is_shown_at_once(box: Host) -> None:
    for _renewal in range(2):
        key = certificates.issue(box, DOMAIN)
        certificates.renewed(box, DOMAIN)
        wait_for('it', lambda key=key: certificates.shown(box, DOMAIN) == (key,) * 2, 60)
