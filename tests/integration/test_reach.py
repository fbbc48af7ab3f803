# SPDX-License-Identifier: AGPL-3.0-or-later
"""Port 25 tested from outside: the box answers others, and has another box look at it.

That other box is the code of ours on the network of the machine outside, behind a small web
server with a certificate the box trusts.
"""

import html
import http.server
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab import container, dns, life, settings
from lab.web import Browser
from tests.conftest import Host

from . import certificates, webserver

DOMAIN = settings.DOMAINS[0]
BOX, OUTSIDE = settings.BOX.ip, settings.OUTSIDE_IP
OTHER = 'other.test'
PAGE = '/freedombox/apps/email/reach/'
TABLE = 'inet test_reach'
KEPT = '/var/lib/freedombox-email/reach.json'

ASK = f"""
import http.client, ssl
link = http.client.HTTPSConnection('{BOX}', context=ssl._create_unverified_context(), timeout=20)
kind = {{'Content-Type': 'application/json', 'X-Forwarded-For': '{BOX}'}}
link.request('POST', '{PAGE}?address={BOX}', '{{"address": "{BOX}"}}', kind)
said = link.getresponse()
print(said.status, said.read().decode())
"""
ANSWER = """
import json, sys
from plinth.modules.email.dns import reach, reached
print(json.dumps(reached.write(reach.answer(sys.argv[1], (), lambda: True))))
"""


def asked_from_outside() -> tuple[int, dict[str, Any]]:
    """The answer of the box to the machine outside, whatever that says of other addresses."""
    net = f'--net=/proc/{container.leader(settings.OUTSIDE)}/ns/net'
    done = subprocess.run(
        ['nsenter', net, sys.executable, '-c', ASK], capture_output=True, text=True, check=True
    )
    status, _space, body = done.stdout.partition(' ')
    return int(status), json.loads(body) if status == '200' else {}


def found_from_outside(address: str) -> bytes:
    """The answer of the box's code about an address on the network of the machine outside."""
    box, there = container.leader(settings.BOX), container.leader(settings.OUTSIDE)
    spaces = [f'--mount=/proc/{box}/ns/mnt', f'--net=/proc/{there}/ns/net', '--wdns=/']
    command = ['python3', '-c', ANSWER, address]
    place = {'PATH': os.environ['PATH'], 'PYTHONPATH': '/usr/lib/python3/dist-packages'}
    done = subprocess.run(
        ['nsenter', *spaces, *command], capture_output=True, check=True, env=place
    )
    return done.stdout


class AskedBox(http.server.BaseHTTPRequestHandler):
    """Answers as a box does whose administrator allows it."""

    def do_POST(self) -> None:
        assert self.path == PAGE
        self.rfile.read(int(self.headers['Content-Length']))
        body = found_from_outside(self.client_address[0])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def other_box(box: Host, folder: Path) -> Iterator[None]:
    """Run the other box on the lab's gateway, with a certificate of an authority."""
    server = http.server.HTTPServer((settings.GATEWAY, 443), AskedBox)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for name in ('fullchain.pem', 'privkey.pem'):
        (folder / name).write_text(box.run('cat', f'/etc/letsencrypt/live/{OTHER}/{name}'))
    context.load_cert_chain(folder / 'fullchain.pem', folder / 'privkey.pem')
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with webserver.answering(server):
        yield


@contextmanager
def shut(box: Host, how: str) -> Iterator[None]:
    """Shut port 25 of the box as a router or provider would."""
    rule = f'tcp dport 25 ip saddr {OUTSIDE} {how}'
    hook = 'type filter hook input priority -200'
    box.run('nft', f'table {TABLE} {{ chain in {{ {hook}; {rule}; }}; }}')
    try:
        yield
    finally:
        box.run('nft', 'delete', 'table', *TABLE.split())


def verdict(box: Host, domain: str = DOMAIN) -> tuple[str, str]:
    """State and code of what the check says of port 25 from outside."""
    text = box.run('freedombox-email', 'dns', 'check', domain, '--json', check=False)
    found = json.loads(text)['verdicts']['reach']
    return found['state'], found['code']


def overview(web: Browser) -> str:
    """The overview, with apostrophes as they are."""
    return html.unescape(web.get('/freedombox/apps/email/').text)


def chosen(web: Browser) -> str:
    """The page after the other box was chosen, which tests at once."""
    page = web.get('/freedombox/apps/email/outside/')
    return html.unescape(web.submit(page, page.form(has_field='host'), host=OTHER).text)


@pytest.fixture(autouse=True)
def _no_other_box(box: Host) -> Iterator[None]:
    """Forget what was chosen, and what was found."""
    yield
    box.run('rm', '-f', KEPT)
    life.publish_zones()
    box.run('freedombox-email', 'dns', 'check', DOMAIN, check=False)


def test_the_box_looks_at_those_who_ask_once_it_may(box: Host, outside: Host) -> None:
    assert asked_from_outside() == (404, {})
    box.run('freedombox-email', 'dns', 'outside', '--answer', 'yes')
    greeting = '220 mail.outside.test ESMTP Postfix'
    status, said = asked_from_outside()
    assert (status, said['reached'], said['address'], said['why']) == (200, True, OUTSIDE, '')
    assert said['greeting'].startswith(greeting)
    verdict(box)
    outside.run('systemctl', 'stop', 'postfix')
    try:
        assert asked_from_outside()[1]['why'] == 'refused', 'it reached another lately'
        verdict(box)
        assert asked_from_outside()[1]['why'] == 'blind', 'it reaches no other either'
    finally:
        outside.run('systemctl', 'start', 'postfix')


@pytest.fixture(name='other')
def fixture_other(box: Host, tmp_path: Path) -> Iterator[None]:
    """Have the other box, which is known to DNS and trusted."""
    dns.publish([*life.zones(), dns.LabZone(OTHER, f'@ A {settings.GATEWAY}')])
    with certificates.authority(box):
        certificates.issue(box, OTHER)
        with other_box(box, tmp_path):
            yield


@pytest.mark.usefixtures('other', 'quiet_journal')
def test_another_box_sees_whether_port_25_is_open(box: Host) -> None:
    web = box.browser(settings.ADMIN)
    with shut(box, 'drop'):
        assert 'On your router, forward port 25' in chosen(web)
        assert 'connect to port 25 of FreedomBox' in overview(web)
    assert 'Another FreedomBox reached FreedomBox at' in chosen(web)
    assert 'connect to port 25 of FreedomBox' not in overview(web)


@pytest.mark.long
@pytest.mark.usefixtures('other')
def test_what_another_box_cannot_tell_is_unknown(box: Host) -> None:
    assert verdict(box) == ('unknown', 'reach-untested')
    box.run('freedombox-email', 'dns', 'outside', 'nowhere.test')
    assert verdict(box) == ('unknown', 'reach-unanswered')
    box.run('freedombox-email', 'dns', 'outside', OTHER)
    assert verdict(box, settings.DOMAINS[1]) == ('unknown', 'reach-at-host')
    assert verdict(box) == ('works', 'reach-open')
    with shut(box, 'reject with tcp reset'):
        assert verdict(box) == ('broken', 'reach-shut')
    box.run('rm', certificates.AUTHORITY)
    box.run('update-ca-certificates', '--fresh')
    assert verdict(box) == ('unknown', 'reach-untrusted')
