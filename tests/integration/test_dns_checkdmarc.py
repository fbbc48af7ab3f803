# SPDX-License-Identifier: AGPL-3.0-or-later
"""An outside checker looks at a domain after its owner did what the page advises."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import checkdmarc
import pytest

from lab import dns, life, outside, settings
from tests.conftest import Host

from . import certificates

DOMAIN = settings.DOMAINS[0]
BOX = settings.BOX.ip
ALLOWED = (
    'nameserver',  # the lab has one
    'p tag value of none',  # where all begin: reports first, then a stricter policy
)


@pytest.fixture(autouse=True)
def _trusted(box: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the box certificates the checker trusts too, and lead it to the box."""
    with certificates.authority(box), certificates.site(box, f'mta-sts.{DOMAIN}'):
        certificates.issue(box, DOMAIN)
        certificates.renewed(box, DOMAIN)
        pem = tmp_path / 'authority.pem'
        pem.write_text(box.run('cat', certificates.AUTHORITY))
        for name in ('REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE'):
            monkeypatch.setenv(name, str(pem))
        monkeypatch.setenv('NO_PROXY', '*')
        monkeypatch.setattr(socket, 'getaddrinfo', _found_in_the_lab)
        yield
    box.run('freedombox-email', 'dns', 'server', DOMAIN, '--remove')
    life.publish_zones()


def _found_in_the_lab(host: str, port: int, *_rest: Any, **_options: Any) -> list[Any]:
    address = BOX if host.rstrip('.').endswith(DOMAIN) else host
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, '', (address, port))]


def faults(found: Any, where: str = '') -> Iterator[str]:
    """Yield every error and warning in what the checker says."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key in ('error', 'errors') and value:
                yield f'{where}: {value}'
            elif key == 'valid' and not value:
                yield f'{where} is not valid'
            elif key == 'warnings':
                yield from (f'{where}: {each}' for each in value)
            else:
                yield from faults(value, f'{where}/{key}')
    elif isinstance(found, list):
        for each in found:
            yield from faults(each, where)


@pytest.mark.long
def test_it_finds_no_fault(box: Host) -> None:
    dns.publish(
        [outside.ZONE, outside.WORLD, dns.LabZone(DOMAIN, 'www A 192.0.2.80', dns.CHANGEABLE)]
    )
    box.run('freedombox-email', 'dns', 'server', DOMAIN, settings.DNS, '--key-name',
            dns.UPDATE_KEY, stdin=f'{dns.UPDATE_SECRET}\n')  # fmt: skip
    box.run('freedombox-email', 'dns', 'check', DOMAIN, check=False)
    box.run('freedombox-email', 'dns', 'push', DOMAIN)
    found = checkdmarc.check_domains(
        [DOMAIN], nameservers=[settings.DNS], check_mx_tls=True, bimi_selector=None
    )
    assert found['mta_sts']['valid'], found['mta_sts']
    assert found['mx']['hosts'][0]['starttls'], found['mx']
    wrong = [each for each in faults(found) if not any(word in each for word in ALLOWED)]
    assert wrong == []
