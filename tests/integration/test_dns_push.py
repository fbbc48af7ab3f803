# SPDX-License-Identifier: AGPL-3.0-or-later
"""Publishing records at a real name server, and the daily check."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import dns, life, outside, settings
from lab.host import wait_for
from tests.conftest import Host
from tests.manual import examples

DOMAIN = settings.DOMAINS[0]
BOX = settings.BOX.ip
MANUAL = Path(__file__).parents[2] / 'doc/man/freedombox-email.8'
OLD = f"""
@ A {BOX}
@ MX 10 elsewhere.test.
@ TXT "v=spf1 -all"
@ TXT "site-verification=keep-me"
dkim._domainkey TXT "v=DKIM1; " "k=rsa; p=" "OLD="
www A 192.0.2.80
"""


@pytest.fixture(name='zone')
def fixture_zone(box: Host) -> Iterator[None]:
    """Serve a zone that takes changes, and take it away again."""
    dns.publish([outside.ZONE, outside.WORLD, dns.LabZone(DOMAIN, OLD, dns.CHANGEABLE)])
    yield
    box.run('freedombox-email', 'dns', 'server', DOMAIN, '--remove')
    life.publish_zones()


def set_server(box: Host, secret: str = dns.UPDATE_SECRET, address: str = settings.DNS) -> None:
    """Tell the box where it may publish."""
    box.run('freedombox-email', 'dns', 'server', DOMAIN, address, '--key-name', dns.UPDATE_KEY,
            stdin=f'{secret}\n')  # fmt: skip


def verdicts(box: Host) -> dict[str, dict[str, str]]:
    """Check the domain now."""
    text = box.run('freedombox-email', 'dns', 'check', DOMAIN, '--json', check=False)
    found: dict[str, dict[str, str]] = json.loads(text)['verdicts']
    return found


@pytest.mark.usefixtures('zone')
def test_pushing_makes_all_records_right(box: Host) -> None:
    set_server(box)
    assert verdicts(box)['mx']['code'] == 'mx-elsewhere'
    planned = json.loads(box.run('freedombox-email', 'dns', 'push', DOMAIN, '--dry-run', '--json'))[
        'changes'
    ]
    assert verdicts(box)['mx']['code'] == 'mx-elsewhere', 'a dry run changes nothing'
    done = json.loads(box.run('freedombox-email', 'dns', 'push', DOMAIN, '--json'))['changes']
    assert done == planned
    wanted = json.loads(box.run('freedombox-email', 'dns', 'show', DOMAIN, '--json'))['records']
    after = verdicts(box)
    after.pop('srv-autodiscover')  # it leads here, but the certificate of the lab is not trusted
    for record in wanted:
        assert after.get(record['role'], {'state': 'works'})['state'] == 'works', record['role']
    texts = box.run('resolvectl', 'query', '--cache=no', '--type=TXT', DOMAIN)
    assert 'keep-me' in texts
    assert '-all' not in texts
    again = box.run('freedombox-email', 'dns', 'push', DOMAIN)
    assert again.strip() == 'The zone already has all these records.'


@pytest.mark.usefixtures('zone')
def test_the_key_is_kept_by_root_alone(box: Host) -> None:
    set_server(box)
    path = f'/var/lib/freedombox-email/dns/{DOMAIN}.json'
    assert box.run('stat', '-c', '%U %a', path).split() == ['root', '600']
    assert not box.succeeds('runuser', '-u', 'plinth', '--', 'cat', path)
    shown = box.run('freedombox-email', 'dns', 'server', DOMAIN, '--json')
    assert settings.DNS in shown
    assert dns.UPDATE_SECRET not in shown


@pytest.mark.usefixtures('zone')
@pytest.mark.parametrize(
    ('secret', 'address', 'said'),
    [
        ('d3JvbmcgYnV0IGxvbmcgZW5vdWdo', settings.DNS, 'rejected the TSIG key'),
        (dns.UPDATE_SECRET, settings.BUILTIN.ip, 'does not answer'),
    ],
)
def test_a_name_server_that_refuses(box: Host, secret: str, address: str, said: str) -> None:
    set_server(box, secret, address)
    verdicts(box)
    assert said in box.run('freedombox-email', 'dns', 'push', DOMAIN, check=False)
    assert verdicts(box)['mx']['code'] == 'mx-elsewhere'


def test_the_example_of_the_manual_publishes(box: Host) -> None:
    """With this name server and its key in place of those of the example."""
    (lines,) = [each for each in examples(MANUAL.read_text()) if 'dns push' in each[-1]]
    domain = 'example.org'
    zone = dns.LabZone(domain, f'@ A {BOX}\n', dns.CHANGEABLE)
    dns.publish([outside.ZONE, outside.WORLD, zone])
    box.run('freedombox-email', 'domain', 'add', domain)
    try:
        for line in lines:
            here = line.replace('192.0.2.53', settings.DNS).replace(
                '--key-name box', f'--key-name {dns.UPDATE_KEY}'
            )
            box.run('sh', '-c', f'key={dns.UPDATE_SECRET}\n{here}', check='dns check' not in line)
        again = box.run('freedombox-email', 'dns', 'push', domain)
        assert again.strip() == 'The zone already has all these records.'
    finally:
        box.run('freedombox-email', 'dns', 'server', domain, '--remove', check=False)
        box.run('freedombox-email', 'domain', 'remove', domain, '--force')
        life.publish_zones()


def is_under_way(box: Host) -> bool:
    """Whether a message has not been tried yet."""
    queued = map(json.loads, box.run('postqueue', '-j').splitlines())
    return any(each['queue_name'] != 'deferred' for each in queued)


def letters(box: Host) -> int:
    """Count the letters about records that reached the administrator."""
    wait_for('messages to be delivered', lambda: not is_under_way(box), 60)
    # Dovecot's cache holds subjects as well, some time after the delivery.
    found = box.run('grep', '-rls', '--exclude=dovecot*', f'DNS check for {DOMAIN}: ',
                    '/var/vmail', check=False)  # fmt: skip
    return len(found.split())


def notices(box: Host) -> int:
    """Count FreedomBox's notifications about the domain."""
    script = (
        'import sqlite3\n'
        'found = sqlite3.connect("/var/lib/plinth/plinth.sqlite3").execute(\n'
        '    "select id from freedombox_storednotification"\n'
        f'    " where id = \'email-records-{DOMAIN.replace(".", "=")}\'")\n'
        'print(len(found.fetchall()))'
    )
    return int(box.run('python3', '-c', script))


def look_again(box: Host) -> None:
    """Run the daily check, more often than systemd likes."""
    unit = 'freedombox-email-records.service'
    box.run('systemctl', 'reset-failed', unit)
    box.run('systemctl', 'start', unit)


def test_the_daily_check_tells_what_changed_and_once(box: Host) -> None:
    look_again(box)
    told = letters(box)
    look_again(box)
    look_again(box)
    assert letters(box) == told, 'nothing changed'
    dns.publish([outside.ZONE, outside.WORLD, dns.LabZone(DOMAIN, OLD)])
    try:
        look_again(box)
        wait_for('a letter about what broke', lambda: letters(box) == told + 1, 30)
        look_again(box)
        wait_for('a notification', lambda: notices(box) == 1, 90)
        assert letters(box) == told + 1, 'told once'
    finally:
        life.publish_zones()
    look_again(box)
    wait_for('a letter about what works again', lambda: letters(box) == told + 2, 30)


def test_the_daily_check_runs_while_mail_does(box: Host) -> None:
    assert box.run('systemctl', 'is-active', 'freedombox-email-records.timer').strip() == 'active'
