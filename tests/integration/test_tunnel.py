# SPDX-License-Identifier: AGPL-3.0-or-later
"""Port 25 is shut: the box says so, and mail leaves through a tunnel to a server that may send."""

import html
import json
import re
import socket
from collections.abc import Iterator

import pytest

from lab import dns, life, settings, tunnel
from lab.host import wait_for as until
from tests.conftest import Host

from . import mail

pytestmark = pytest.mark.long

ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
COMMAND = 'freedombox-email'
DOMAIN = ALICE.domain
TABLE = ('inet', 'labshut')


@pytest.fixture(autouse=True, scope='module')
def _far_away(box: Host, outside: Host) -> Iterator[None]:
    """A provider that shuts port 25, and mail hosts that are elsewhere."""
    tunnel.start()
    daily_check(box)  # which finds the port open
    dns.publish(tunnel.zones())
    box.run('resolvectl', 'flush-caches')
    box.run('nft', 'add', 'table', *TABLE)
    box.run('nft', f'add chain {" ".join(TABLE)} out {{ type filter hook output priority 0 ; }}')
    box.run('nft', 'add', 'rule', *TABLE, 'out', 'oifname', 'host0', 'tcp', 'dport', '25', 'drop')
    yield
    box.run('nft', 'delete', 'table', *TABLE)
    tunnel.stop()
    life.publish_zones()
    box.run('resolvectl', 'flush-caches')
    box.run(COMMAND, 'dns', 'check', DOMAIN, check=False)
    for host in (box, outside):
        host.run('postsuper', '-d', 'ALL', check=False)


@pytest.fixture(autouse=True)
def _no_tunnel() -> Iterator[None]:
    """Take the tunnel away after each test."""
    yield
    tunnel.leave()


def port_25(box: Host) -> str:
    """The code of the daily check of outgoing connections."""
    text = box.run(COMMAND, 'dns', 'check', DOMAIN, '--json', check=False)
    return str(json.loads(text)['verdicts']['port-25']['code'])


def arrived(box: Host, outside: Host) -> str:
    """The first line about where a message came from, as it arrived there."""
    sent = mail.message(ALICE.address, CAROL.address)
    mail.submit(box.ip, ALICE, sent)
    content = mail.parsed(mail.wait_for(outside.ip, CAROL, sent, encrypted=False))
    return str(content.get_all('Received', [])[0])


def test_a_shut_port_is_said_with_the_two_ways_out(box: Host) -> None:
    assert port_25(box) == 'port-25-shut'
    for domain in settings.DOMAINS[1:]:
        box.run(COMMAND, 'dns', 'check', domain, check=False)
    state = box.run(COMMAND, 'status', '--json', check=False)
    assert state.count('"way-out') == 1, 'said once, for all domains'
    page = html.unescape(box.browser().get('/freedombox/apps/email/').text)
    row = r'class="email-row-name"[^<]*>Mail can.t leave FreedomBox: your internet provider blocks'
    assert len(re.findall(row, page)) == 1
    assert 'send by a relay, or connect a WireGuard tunnel' in page
    page = html.unescape(box.browser().get('/freedombox/apps/email/delivery/').text)
    assert 'Your internet provider blocks outgoing connections to port 25.' in page
    test = (COMMAND, 'route', 'test', '--from', ALICE.address, '--to', CAROL.address)
    assert 'does not answer on port 25' in box.run(*test, check=False)


def test_a_shut_port_is_told_once(box: Host) -> None:
    """One letter and one notification, though there are two domains."""
    assert len(settings.DOMAINS) > 1
    before = letters(box)
    for _day in range(2):
        daily_check(box)
    until('a letter', lambda: letters(box) > before, 60)
    until('a notification', lambda: 'way-out' in notices(box), 200, 5)
    assert letters(box) == before + 1
    assert notices(box).count('"news": "way-out"') == 1
    assert 'port-25:' not in notices(box), 'not once more for each domain'


def daily_check(box: Host) -> None:
    """Check all domains, more often than systemd likes."""
    box.run('systemctl', 'reset-failed', 'freedombox-email-records.service')
    box.run('systemctl', 'start', 'freedombox-email-records.service')


def letters(box: Host) -> int:
    """Count the letters that say that the port is shut."""
    said = box.run('grep', '-rls', 'No other mail server can be reached', '/var/vmail', check=False)
    return len(said.split())


def notices(box: Host) -> str:
    """FreedomBox's notifications of the app."""
    script = (
        'import sqlite3\n'
        'print(*sqlite3.connect("/var/lib/plinth/plinth.sqlite3").execute(\n'
        '    "select id, data from freedombox_storednotification"))'
    )
    return box.run('python3', '-c', script)


def test_all_traffic_by_the_tunnel(box: Host, outside: Host) -> None:
    tunnel.join()
    assert port_25(box) == 'port-25-open'
    test = box.run(COMMAND, 'route', 'test', '--from', ALICE.address, '--to', CAROL.address)
    assert f'Connected to mail.{CAROL.domain} ({tunnel.FAR}), port 25.' in test
    assert f'[{tunnel.SERVER.ip}]' in arrived(box, outside), 'it came from the server'


def test_others_reach_the_box_only_by_the_server_then() -> None:
    """Answers leave by the tunnel too, so what comes in past it waits in vain."""
    assert tunnel.reaches_box_from_afar()
    tunnel.join()
    assert not tunnel.reaches_box_from_afar()


def test_a_relay_at_the_end_of_the_tunnel(box: Host, outside: Host) -> None:
    tunnel.join(everything=False)
    refused = box.run(COMMAND, 'relay', 'add', 'rented', '--host', tunnel.SERVER_END, '--port',
                      '25', '--tls', 'none', check=False)  # fmt: skip
    assert 'Other servers see another address of this relay.' in refused
    box.run(COMMAND, 'relay', 'add', 'rented', '--host', tunnel.SERVER_END, '--port', '25',
            '--tls', 'none', '--spf', f'ip4:{tunnel.SERVER.ip}')  # fmt: skip
    box.run(COMMAND, 'route', 'set', 'relay:rented', '--all')
    try:
        assert port_25(box) == 'port-25-unneeded'
        test = box.run(COMMAND, 'route', 'test', '--from', ALICE.address, '--to', CAROL.address)
        assert f'Connected to {tunnel.SERVER_END} ({tunnel.SERVER_END}), port 25.' in test
        assert f'Not encrypted: {tunnel.SERVER_END} is used without TLS.' in test
        assert tunnel.NAME in arrived(box, outside)
        records = json.loads(box.run(COMMAND, 'dns', 'show', DOMAIN, '--json'))['records']
        rules = [each['value'] for each in records if each['role'] == 'spf']
        assert rules == [f'v=spf1 ip4:{tunnel.SERVER.ip} ~all']
        with socket.create_connection((box.ip, 25), 10) as session:
            assert session.recv(3) == b'220', 'and the box is reached as before'
    finally:
        box.run(COMMAND, 'route', 'set', 'default', '--all')
        box.run(COMMAND, 'relay', 'remove', 'rented')
