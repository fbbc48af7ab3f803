# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail programs find their settings under the names they ask, and the box judges the answers."""

import http.client
import http.server
import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from lab import dns, freedombox, life, outside, settings
from lab.host import wait_for
from tests.conftest import Host

from . import certificates, webserver

DOMAIN, OTHER = settings.DOMAINS
BOX = settings.BOX.ip
CONFIG, DISCOVER = '/mail/config-v1.1.xml', '/autodiscover/autodiscover.xml'
WELL_KNOWN = f'/.well-known/autoconfig{CONFIG}'
ZONE = f"""
@ A {BOX}
@ MX 10 {DOMAIN}.
autoconfig CNAME {DOMAIN}.
_autodiscover._tcp SRV 0 1 443 {DOMAIN}.
"""
NO_CHECK = ssl.create_default_context()
NO_CHECK.check_hostname = False
NO_CHECK.verify_mode = ssl.CERT_NONE


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    text: str
    location: str = ''


def ask(
    name: str, path: str, body: bytes | None = None, tls: ssl.SSLContext | None = NO_CHECK
) -> HttpAnswer:
    """Ask the box under a name as a mail program elsewhere does; without `tls`, plainly."""
    web = http.client.HTTPConnection(name, timeout=20)
    web.sock = socket.create_connection((BOX, 443 if tls else 80), 20)
    if tls:
        web.sock = tls.wrap_socket(web.sock, server_hostname=name)
    headers = {'Content-Type': 'text/xml'} if body is not None else {}
    web.request('GET' if body is None else 'POST', path, body, headers)
    answer = web.getresponse()
    text = answer.read().decode()
    web.close()
    return HttpAnswer(answer.status, text, answer.headers.get('Location', ''))


def question(address: str, before: str = '') -> bytes:
    """The question of Outlook."""
    schema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook'
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{before}'
        f'<Autodiscover xmlns="{schema}/requestschema/2006"><Request>'
        f'<EMailAddress>{address}</EMailAddress>'
        f'<AcceptableResponseSchema>{schema}/responseschema/2006a</AcceptableResponseSchema>'
        '</Request></Autodiscover>'
    ).encode()


def hosts(text: str) -> set[str]:
    """The servers an answer of either kind names."""
    return set(re.findall(r'<(?:hostname|Server)>([^<]*)<', text))


@pytest.mark.parametrize('tls', [NO_CHECK, None], ids=['https', 'http'])
@pytest.mark.parametrize(
    ('name', 'path'),
    [
        (f'autoconfig.{DOMAIN}', f'{CONFIG}?emailaddress=alice%40{DOMAIN}'),
        (f'autoconfig.{DOMAIN}', CONFIG),
        (DOMAIN, f'{WELL_KNOWN}?emailaddress=alice%40{DOMAIN}'),
        (DOMAIN, WELL_KNOWN),
    ],
)
def test_thunderbird_finds_its_settings(name: str, path: str, tls: ssl.SSLContext | None) -> None:
    found = ask(name, path, tls=tls)
    assert (found.status, hosts(found.text)) == (200, {DOMAIN})
    assert '<username>%EMAILADDRESS%</username>' in found.text


@pytest.mark.parametrize('path', [DISCOVER, '/Autodiscover/Autodiscover.xml'])
@pytest.mark.parametrize('name', [DOMAIN, f'autodiscover.{DOMAIN}'])
def test_outlook_finds_its_settings(name: str, path: str) -> None:
    found = ask(name, path, question(f'Alice@{DOMAIN}'))
    assert (found.status, hosts(found.text)) == (200, {DOMAIN})
    assert f'<LoginName>alice@{DOMAIN}</LoginName>' in found.text
    said = ask(name, path)
    assert (said.status, '<ErrorCode>600<' in said.text) == (200, True)


def test_newer_outlooks_are_led_there() -> None:
    name, path = f'autodiscover.{DOMAIN}', '/autodiscover/autodiscover.json'
    for asked in (f'{path}?Email=a@{DOMAIN}&', f'{path}/v1.0/a@{DOMAIN}?'):
        found = ask(name, f'{asked}Protocol=AutodiscoverV1')
        assert json.loads(found.text)['Url'] == f'https://{DOMAIN}{DISCOVER}'
        refused = ask(name, f'{asked}Protocol=ActiveSync')
        assert refused.status == 400
        assert json.loads(refused.text)['ErrorCode'] == 'InvalidProtocol'


def test_no_one_learns_which_mailboxes_there_are() -> None:
    known, unknown = (
        ask(DOMAIN, DISCOVER, question(f'{who}@{DOMAIN}')).text.replace(who, 'X')
        for who in ('alice', 'nobody-has-this-name')
    )
    assert known == unknown


@pytest.mark.parametrize('address', ['a@evil.example', f'a@{DOMAIN}.evil.example', 'a@*', 'a'])
def test_nothing_is_said_of_other_domains(address: str) -> None:
    assert ask(f'autoconfig.{DOMAIN}', f'{CONFIG}?emailaddress={address}').status == 404
    assert ask('autoconfig.evil.example', CONFIG).status == 404
    said = ask(DOMAIN, DISCOVER, question(address)).text
    assert not hosts(said)
    assert '<ErrorCode>' in said


FILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
GROWS = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + ''.join(
    f'<!ENTITY {name} "{f"&{of};" * 10}">' for of, name in zip('abcdefgh', 'bcdefghi', strict=True)
) + ']>'  # fmt: skip


@pytest.mark.parametrize(
    'body',
    [
        question(f'&x;@{DOMAIN}', FILE),
        question(f'&i;@{DOMAIN}', GROWS),
        question(f'a@{DOMAIN}') + b' ' * 5_000_000,
        b'\x00\xff' * 100,
        b'',
    ],
    ids=['a file', 'a bomb', 'five megabytes', 'no text', 'nothing'],
)
def test_a_hostile_question_gets_no_answer(body: bytes) -> None:
    said = ask(DOMAIN, DISCOVER, body)
    assert (said.status, '<ErrorCode>600<' in said.text) == (200, True)


def verdicts(box: Host, body: str = ZONE) -> dict[str, Any]:
    """The verdicts of the box on a zone."""
    dns.publish([outside.ZONE, outside.WORLD, dns.LabZone(DOMAIN, body)])
    text = box.run('freedombox-email', 'dns', 'check', DOMAIN, '--json', check=False)
    found: dict[str, Any] = json.loads(text)['verdicts']
    return found


def codes(found: dict[str, Any], *roles: str) -> list[str]:
    return [found[role]['code'] for role in roles]


ROLES = ('autoconfig', 'thunderbird', 'srv-autodiscover', 'outlook')


@pytest.fixture(name='zones')
def fixture_zones() -> Iterator[None]:
    """Serve the lab's own zones again afterwards."""
    yield
    life.publish_zones()


@pytest.fixture(name='trusted', scope='module')
def fixture_trusted(box: Host) -> Iterator[ssl.SSLContext]:
    """Have certificates for the domain and for the name Outlook asks first."""
    name = f'autodiscover.{DOMAIN}'
    with certificates.authority(box):
        certificates.issue(box, DOMAIN)
        certificates.renewed(box, DOMAIN)
        with certificates.site(box, name):
            yield ssl.create_default_context(cadata=box.run('cat', certificates.AUTHORITY))
    certificates.reload_web(box)


@pytest.mark.usefixtures('zones')
def test_without_certificates_only_the_plain_way_works(box: Host) -> None:
    found = verdicts(box)
    assert codes(found, *ROLES) == [
        'setup-http', 'setup-http', 'setup-untrusted', 'setup-untrusted',
    ]  # fmt: skip
    records = json.loads(box.run('freedombox-email', 'dns', 'show', DOMAIN, '--json'))['records']
    assert 'autodiscover' not in {each['role'] for each in records}, 'Outlook would warn of it'


@pytest.mark.usefixtures('zones')
def test_an_alias_is_not_right_when_nothing_answers_there(box: Host) -> None:
    """The records are those we ask for; the web server does not know the page, then is off."""
    conf = '/etc/apache2/conf-enabled/freedombox-email.conf'
    target = box.run('readlink', conf).strip()
    box.run('rm', conf)
    certificates.reload_web(box)
    try:
        assert codes(verdicts(box), 'autoconfig') == ['setup-missing']
        box.run('systemctl', 'stop', 'apache2')
        found = verdicts(box)
        assert codes(found, *ROLES) == [
            'setup-unreachable', 'setup-unknown', 'setup-unreachable', 'setup-unknown',
        ]  # fmt: skip
        assert {found[role]['state'] for role in ROLES} == {'unknown'}
    finally:
        box.run('ln', '-s', target, conf)
        box.run('systemctl', 'start', 'apache2')


SETTINGS_ELSEWHERE = (
    '<clientConfig version="1.1"><emailProvider id="x"><incomingServer type="imap">'
    '<hostname>imap.hoster.example</hostname></incomingServer></emailProvider></clientConfig>'
)


class Hoster(http.server.BaseHTTPRequestHandler):
    """A web server elsewhere that has settings of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SETTINGS_ELSEWHERE.encode())

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.mark.usefixtures('zones')
def test_settings_of_another_server_are_named(box: Host) -> None:
    with webserver.answering(http.server.HTTPServer((settings.GATEWAY, 80), Hoster)):
        zone = f'@ A {BOX}\n@ MX 10 {DOMAIN}.\nautoconfig A {settings.GATEWAY}\n'
        found = verdicts(box, zone)
    assert codes(found, 'autoconfig', 'thunderbird') == ['name-elsewhere', 'setup-other']
    assert 'imap.hoster.example' in found['thunderbird']['sentence']


@pytest.mark.usefixtures('zones')
def test_with_certificates_all_ways_work(box: Host, trusted: ssl.SSLContext) -> None:
    right = 'setup-right'
    assert codes(verdicts(box), *ROLES) == ['setup-http', right, right, right]
    found = verdicts(box, f'{ZONE}\nautodiscover CNAME {DOMAIN}.\n')
    assert codes(found, 'autodiscover', 'outlook') == [right, right]
    assert hosts(ask(DOMAIN, WELL_KNOWN, tls=trusted).text) == {DOMAIN}
    name = f'autodiscover.{DOMAIN}'
    assert hosts(ask(name, DISCOVER, question(f'a@{DOMAIN}'), trusted).text) == {DOMAIN}


@pytest.mark.usefixtures('trusted')
def test_over_plain_http_outlook_is_led_to_a_certificate() -> None:
    found = ask(f'autodiscover.{DOMAIN}', DISCOVER, tls=None)
    assert (found.status, found.location) == (302, f'https://{DOMAIN}{DISCOVER}')


@pytest.mark.usefixtures('trusted')
def test_programs_are_told_a_name_with_a_certificate() -> None:
    """The other domain has none of its own; the primary one has."""
    assert hosts(ask(f'autoconfig.{OTHER}', CONFIG, tls=None).text) == {DOMAIN}


@pytest.fixture(name='client_host')
def fixture_client_host(box: Host) -> Iterator[str]:
    """Choose a host for the mail apps of a domain, and have it as a name of FreedomBox."""
    host = f'mail.{DOMAIN}'
    box.run('freedombox-email', 'domain', 'change', DOMAIN, '--client-host', host)
    freedombox.add_domain(box.browser(), host)
    yield host
    page = f'/freedombox/sys/names/domains/{host}/delete/'
    browser = box.browser()
    found = browser.get(page)
    browser.submit(found, found.form())
    box.run('freedombox-email', 'domain', 'change', DOMAIN, '--client-host', '')


@pytest.mark.long
@pytest.mark.journal_may_say(r'freedombox\S*\[\d+\]: Error running action:? letsencrypt|^ {20}')
def test_apps_get_the_host_of_their_domain(
    box: Host, trusted: ssl.SSLContext, client_host: str
) -> None:
    """So they need no new settings when the domain moves to another server."""

    def names() -> set[str]:
        return hosts(ask(DOMAIN, WELL_KNOWN).text)

    def is_shown() -> bool:
        with socket.create_connection((BOX, 993), 20) as plain, suppress(ssl.SSLError):
            trusted.wrap_socket(plain, server_hostname=client_host).close()
            return True
        return False

    assert names() == {DOMAIN}, 'apps get a name without a certificate'
    key = certificates.issue(box, client_host)
    certificates.renewed(box, client_host)
    wait_for('the certificate', lambda: certificates.shown(box, client_host) == (key,) * 2, 60)
    assert names() == {client_host}
    listed = box.run('freedombox-email', 'domain', 'list', '--names').split()
    assert client_host not in listed, 'the host became a mail domain'
    wait_for('Dovecot to show the certificate', is_shown, 60)


def idle(box: Host) -> dict[int, float]:
    """Connections of Apache to FreedomBox: local port and seconds since the last answer."""
    lines = box.run('ss', '-HOtni', 'state', 'established', 'dport = :8000')
    found = re.findall(r':(\d+) +127\.0\.0\.1:8000 .*?lastrcv:(\d+)', lines)
    return {int(port): int(since) / 1000 for port, since in found}


@pytest.mark.parametrize('path', ['/freedombox/apps/email/password/', '/.well-known/mta-sts.txt'])
def test_an_idle_connection_is_not_used_again(box: Host, path: str) -> None:
    """FreedomBox closes one after ten seconds, perhaps just when it is used again."""
    wait_for('connections of others to end', lambda: not idle(box), 60)
    ask(f'mta-sts.{DOMAIN}', path)
    (port,) = idle(box)
    wait_for('the connection to be idle', lambda: idle(box).get(port, 10) > 5.5, 10)
    ask(f'mta-sts.{DOMAIN}', path)
    assert idle(box).get(port, 10) > 5.5
