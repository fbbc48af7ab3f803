# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tests from outside: the box answers others, and has another box look at it.

That other box is the code of ours on the network of the machine outside, behind a small web
server with a certificate the box trusts.
"""

import html
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lab import container, dns, life, settings
from lab.host import wait_for
from lab.web import Browser
from tests.conftest import Host

from . import certificates, webserver

DOMAIN = settings.DOMAINS[0]
BOX, OUTSIDE = settings.BOX.ip, settings.OUTSIDE_IP
OTHER = 'other.test'
PAGE = '/freedombox/apps/email/reach/'
TABLE = 'inet test_reach'
KEPT = '/var/lib/freedombox-email/reach.json'

SETUP_PAGE = f'{PAGE}setup/'
ASK = f"""
import http.client, ssl, sys
link = http.client.HTTPSConnection('{BOX}', context=ssl._create_unverified_context(), timeout=20)
kind = {{'Content-Type': 'application/json', 'X-Forwarded-For': '{BOX}'}}
link.request('POST', sys.argv[1] + '?address={BOX}', sys.argv[2], kind)
said = link.getresponse()
print(said.status, said.read().decode())
"""
ANSWER = """
import json, sys
from plinth.modules.email.dns import reach, reached, setups_outside
address, body = sys.argv[1:]
names = setups_outside.read_request(body.encode())
print(json.dumps(setups_outside.write(setups_outside.answer(address, (), *names)) if names else
                 reached.write(reach.answer(address, (), lambda: True))))
"""
STRANGE_WEB = """
import http.server, sys
class Leads(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        sys.stderr.write(f"{self.headers['Host']} {self.path}\\n")  # whole: others write too
        self.send_response(302)
        self.send_header('Location', 'http://127.0.0.1:80/freedombox/')
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer((sys.argv[1], 80), Leads).serve_forever()
"""


def outside_network() -> str:
    """The option that runs a program on the network of the machine outside."""
    return f'--net=/proc/{container.leader(settings.OUTSIDE)}/ns/net'


def asked_from_outside(
    page: str = PAGE, body: str = f'{{"address": "{BOX}"}}'
) -> tuple[int, dict[str, Any]]:
    """The answer of the box to the machine outside, whatever that says of other addresses."""
    words = ['nsenter', outside_network(), sys.executable, '-c', ASK, page, body]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    status, _space, body = done.stdout.partition(' ')
    return int(status), json.loads(body) if status == '200' else {}


def found_from_outside(address: str, body: str) -> bytes:
    """The answer of the box's code about an address on the network of the machine outside."""
    box = container.leader(settings.BOX)
    spaces = [f'--mount=/proc/{box}/ns/mnt', outside_network(), '--wdns=/']
    command = ['python3', '-c', ANSWER, address, body]
    place = {'PATH': os.environ['PATH'], 'PYTHONPATH': '/usr/lib/python3/dist-packages'}
    done = subprocess.run(
        ['nsenter', *spaces, *command], capture_output=True, check=True, env=place
    )
    return done.stdout


class AskedBox(http.server.BaseHTTPRequestHandler):
    """Answers as a box does whose administrator allows it."""

    def do_POST(self) -> None:
        assert self.path in (PAGE, SETUP_PAGE)
        asked = self.rfile.read(int(self.headers['Content-Length'])).decode()
        body = found_from_outside(self.client_address[0], asked)
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
def shut(box: Host, how: str, ports: str = '25') -> Iterator[None]:
    """Shut ports of the box as a router or provider would."""
    rule = f'tcp dport {{ {ports} }} ip saddr {OUTSIDE} {how}'
    hook = 'type filter hook input priority -200'
    box.run('nft', f'table {TABLE} {{ chain in {{ {hook}; {rule}; }}; }}')
    try:
        yield
    finally:
        box.run('nft', 'delete', 'table', *TABLE.split())


def verdicts(box: Host, domain: str = DOMAIN) -> dict[str, dict[str, Any]]:
    """All verdicts of a check."""
    text = box.run('freedombox-email', 'dns', 'check', domain, '--json', check=False)
    found: dict[str, dict[str, Any]] = json.loads(text)['verdicts']
    return found


def verdict(box: Host, domain: str = DOMAIN) -> tuple[str, str]:
    """State and code of what the check says of port 25 from outside."""
    found = verdicts(box, domain)['reach']
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


@contextmanager
def strange_web() -> Iterator[list[str]]:
    """A web server on the machine outside that leads everything to the machine that asks it."""
    words = ['nsenter', outside_network(), sys.executable, '-c', STRANGE_WEB, OUTSIDE]
    asked: list[str] = []
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as server:
        wait_for('the web server', partial(_listens, OUTSIDE, 80), 20)
        try:
            yield asked
        finally:
            server.terminate()
            asked += server.stderr.read().splitlines() if server.stderr else []


def _listens(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), 1):
        return True
    return False


def test_the_box_asks_for_settings_at_the_address_of_those_who_ask(box: Host) -> None:
    body = json.dumps({'domain': DOMAIN, 'host': 'localhost.test'})
    assert asked_from_outside(SETUP_PAGE, body) == (404, {})
    box.run('freedombox-email', 'dns', 'outside', '--answer', 'yes')
    assert asked_from_outside(SETUP_PAGE, '{"domain": "127.0.0.1", "host": "x.test"}')[0] == 400
    journal = box.journal_since()
    with strange_web() as asked:
        status, said = asked_from_outside(SETUP_PAGE, body)
    assert (status, said['address'], len(said['setups'])) == (200, OUTSIDE, 14)
    kinds = {key: problem for key, (problem, _host) in said['setups'].items()}
    assert kinds['autoconfig'] == 'unreachable', 'no one listens at port 443 there'
    assert kinds['autoconfig-http'] == kinds['autodiscover-http'] == 'missing'
    assert f'autoconfig.{DOMAIN} /mail/config-v1.1.xml' in asked
    assert any(line.startswith('127.0.0.1') for line in asked), 'it was led on to itself'
    assert '/freedombox/' not in journal('-t', 'apache-access', '-o', 'cat').replace(
        SETUP_PAGE, ''
    ), 'the box went where a stranger led it'


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


def mail_apps(box: Host) -> dict[str, tuple[str, str, str]]:
    """The verdicts on mail apps: state, code, and whether another box asked."""
    found, roles = verdicts(box), ('ports', 'thunderbird', 'outlook')
    return {
        role: (each['state'], each['code'], each['params'].get('outside', ''))
        for role in roles
        if (each := found[role])
    }


@pytest.mark.usefixtures('other', 'quiet_journal')
def test_another_box_asks_as_mail_apps_do(box: Host) -> None:
    box.run('freedombox-email', 'dns', 'outside', OTHER)
    assert mail_apps(box) == {
        'ports': ('works', 'ports-open', ''), 'thunderbird': ('works', 'setup-http', 'yes'),
        'outlook': ('look', 'setup-untrusted', 'yes'),
    }  # fmt: skip
    with shut(box, 'reject with tcp reset', '80, 443, 993'):
        found = mail_apps(box)
        assert found['ports'] == ('look', 'ports-shut', '')
        assert found['thunderbird'] == ('look', 'setup-shut', 'yes')
        page = overview(box.browser(settings.ADMIN))
    assert "Mail apps outside your network can't connect." in page
    assert f'these ports of {BOX}: 443, 993' in page


@pytest.mark.long
@pytest.mark.usefixtures('other')
def test_what_another_box_cannot_tell_is_unknown(box: Host) -> None:
    assert verdict(box) == ('unknown', 'reach-untested')
    assert mail_apps(box)['thunderbird'] == ('works', 'setup-http', 'no')
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
