# SPDX-License-Identifier: AGPL-3.0-or-later
"""A box without IPv4, or with one that never answers: all about a domain is found out by IPv6.

Name servers and the clock have addresses of both kinds, as most have out there.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from lab import container, dns, life, outside, settings
from lab.host import wait_for
from tests.conftest import Host

DOMAIN = settings.DOMAINS[0]
NETWORK = f'2001:db8:{settings.LAB}:'
BOX, THERE = f'{NETWORK}:10', f'{NETWORK}:53'
ARPA = f'{settings.LAB}.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'
PLACE = f'0.1.0.0.{"0." * 16}'.rstrip('.')
"""The rest of the name under which the box's address is looked up."""
TABLE = 'inet test_six'
CLOCK = f"""
import socket, struct, time
server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(('{THERE}', 123))
print('ready', flush=True)
while True:
    _packet, sender = server.recvfrom(100)
    now = int(time.time()) + 2_208_988_800
    server.sendto(b'\\x24\\x02' + bytes(38) + struct.pack('!II', now, 0), sender)
"""


def zones() -> list[dns.LabZone | dns.MailZone]:
    """The zones of a box with IPv6 only, and of a world that has both."""
    keys = '\n'.join(life.key_records(DOMAIN)[DOMAIN])
    records = f'@ AAAA {BOX}\n@ MX 10 {DOMAIN}.\n@ TXT "v=spf1 mx -all"\n{keys}'
    clock = f'2 A {settings.BUILTIN.ip}\n2 AAAA {THERE}'
    return [
        replace(outside.ZONE, records=(*outside.ZONE.records, f'ns AAAA {THERE}')),
        dns.LabZone('l.google.com', f'{outside.WORLD.body}\ngmail-smtp-in AAAA {THERE}'),
        dns.LabZone(DOMAIN, records),
        dns.LabZone('debian.pool.ntp.org', clock),
        dns.LabZone(ARPA, f'{PLACE} PTR {DOMAIN}.'),
    ]


@contextmanager
def time_server() -> Iterator[None]:
    """Run a time server on the machine outside."""
    net = f'--net=/proc/{container.leader(settings.OUTSIDE)}/ns/net'
    command = ['nsenter', net, sys.executable, '-c', CLOCK]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout
        assert server.stdout.readline() == b'ready\n'
        try:
            yield
        finally:
            server.kill()


@pytest.fixture(name='world', scope='module')
def fixture_world(outside: Host) -> Iterator[None]:
    """Let the machine outside answer by IPv6 too: its name server, mail server and a clock."""
    outside.run('ip', 'address', 'add', f'{THERE}/64', 'dev', 'host0', 'nodad')
    interfaces = outside.run('postconf', '-h', 'inet_interfaces').strip()
    outside.run('postconf', 'inet_protocols=all', f'inet_interfaces={interfaces}, {THERE}')
    outside.run('systemctl', 'restart', 'postfix')
    dns.publish(zones(), (THERE,))
    with time_server():
        yield
    outside.run('postconf', 'inet_protocols=ipv4', f'inet_interfaces={interfaces}')
    outside.run('systemctl', 'restart', 'postfix')
    life.publish_zones()
    outside.run('ip', 'address', 'del', f'{THERE}/64', 'dev', 'host0')


@pytest.fixture(name='six')
def fixture_six(box: Host, world: None) -> Iterator[None]:  # noqa: ARG001
    """Give the box an IPv6 address, and a resolver it reaches by that."""
    box.run('ip', 'address', 'add', f'{BOX}/64', 'dev', 'host0', 'nodad')
    box.run('ip', '-6', 'route', 'add', 'default', 'via', THERE)
    box.run('resolvectl', 'dns', 'host0', THERE)
    yield
    box.run('networkctl', 'reconfigure', 'host0')
    box.run('resolvectl', 'revert', 'host0')
    wait_for('the old way out', lambda: box.run('ip', '-4', 'route', 'show', 'default'), 20)


def check(box: Host) -> tuple[dict[str, dict[str, str]], float]:
    """The verdicts on the domain, and how long it took to find them."""
    said = json.loads(box.run('freedombox-email', 'dns', 'check', DOMAIN, '--json', check=False))
    unknown = {role for role, found in said['verdicts'].items() if found['state'] == 'unknown'}
    assert unknown == {'ports', 'reach'}, 'no other box was asked'
    return said['verdicts'], said['seconds']


WANTED = {
    'domain': 'domain-answers', 'clock': 'clock-right', 'port-25': 'port-25-open',
    'lists': 'lists-clean', 'mx': 'right', 'address-aaaa': 'right',
}  # fmt: skip


@pytest.mark.usefixtures('six')
def test_a_check_finds_out_as_much_without_ipv4(box: Host) -> None:
    box.run('ip', '-4', 'address', 'flush', 'dev', 'host0')
    verdicts, seconds = check(box)
    wanted = {**WANTED, 'port-25': 'port-25-partly', 'reverse': 'right', 'spf': 'spf-other'}
    assert {role: verdicts[role]['code'] for role in wanted} == wanted
    keys = {found['code'] for role, found in verdicts.items() if role.startswith('dkim-')}
    assert keys == {'right'}
    assert seconds < 3, 'nothing waited for addresses it has no way to'


@pytest.mark.usefixtures('six')
def test_a_check_waits_for_no_answer_by_ipv4(box: Host) -> None:
    rule = 'meta nfproto ipv4 meta l4proto { tcp, udp } th dport { 53, 123 } drop'
    hook = 'type filter hook output priority 0'
    box.run('nft', f'table {TABLE} {{ chain out {{ {hook}; {rule}; }}; }}')
    try:
        verdicts, seconds = check(box)
    finally:
        box.run('nft', 'delete', 'table', *TABLE.split())
    assert {role: verdicts[role]['code'] for role in WANTED} == WANTED
    assert seconds < 6, 'it ended before its time was over'
