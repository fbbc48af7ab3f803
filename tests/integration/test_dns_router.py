# SPDX-License-Identifier: AGPL-3.0-or-later
"""A box behind a router, which learns its address only when a person asks for it."""

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from lab import dns, life, outside, settings
from lab.web import Browser
from tests.conftest import Host

from . import webserver

DOMAIN = settings.DOMAINS[0]
SEEN_AT = '203.0.113.7'
PAGE = f'/freedombox/apps/email/domains/at/{DOMAIN}/dns/'
PORT = 8053
URL = f'http://seen.test:{PORT}/'
ADDRESSES = '/var/lib/freedombox-email-dns/addresses'
asked: list[str] = []


class Service(http.server.BaseHTTPRequestHandler):
    """Says at which address it sees its client."""

    def do_GET(self) -> None:
        asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f'{SEEN_AT}\n'.encode())

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def service() -> Iterator[None]:
    """Run the service on the lab's gateway."""
    with webserver.answering(http.server.HTTPServer((settings.GATEWAY, PORT), Service)):
        yield


def choose(web: Browser, url: str) -> None:
    """Choose the service in FreedomBox's privacy settings."""
    page = web.get('/freedombox/sys/privacy/')
    web.submit(page, page.form(has_field='ip_lookup_url'), ip_lookup_url=url)


@pytest.fixture(name='web')
def fixture_web(box: Host) -> Iterator[Browser]:
    """A session with a box that cannot see a way to the internet."""
    route = box.run('ip', 'route', 'show', 'default').split()
    browser = box.browser(settings.ADMIN)
    before = browser.get('/freedombox/sys/privacy/').form(has_field='ip_lookup_url')
    asked.clear()
    box.run('ip', 'route', 'del', 'default')
    zone = dns.LabZone(DOMAIN, f'@ A {SEEN_AT}\n@ MX 10 {DOMAIN}.')
    world = dns.LabZone('seen.test', f'@ A {settings.GATEWAY}')
    dns.publish([outside.ZONE, outside.WORLD, zone, world])
    yield browser
    box.run('ip', 'route', 'add', *route)
    box.run('rm', '-f', ADDRESSES)
    choose(browser, before.fields['ip_lookup_url'][0])
    life.publish_zones()


def press(web: Browser, name: str) -> str:
    """Press a button of the page."""
    page = web.get(PAGE)
    return web.submit(page, replace(page.form(), action=f'{name}/')).text


def code(box: Host) -> str:
    """The code of the verdict on the address."""
    text = box.run('freedombox-email', 'dns', 'check', DOMAIN, '--json', check=False)
    return str(json.loads(text)['verdicts']['address-a']['code'])


@pytest.mark.long
def test_it_asks_only_when_told_to(box: Host, web: Browser) -> None:
    choose(web, URL)
    with service():
        assert 'Public address' in press(web, 'check')
        assert code(box) == 'address-unproven'
        assert asked == []
        text = press(web, 'address')
        assert f'The public IP address is {SEEN_AT}.' in text
        assert asked == ['/']
        assert code(box) == 'right'
        shown = box.run('freedombox-email', 'dns', 'zone', DOMAIN)
        assert f'IN A {SEEN_AT}' in shown


@pytest.mark.parametrize(
    ('url', 'said'),
    [
        ('', 'No lookup service is chosen in the Privacy settings.'),
        (f'http://seen.test:{PORT + 1}/', 'The lookup service returned no public IP address.'),
        ('http://nowhere.test/', 'The lookup service returned no public IP address.'),
    ],
    ids=['none chosen', 'not there', 'no such name'],
)
def test_no_answer_is_said_in_words(web: Browser, url: str, said: str) -> None:
    choose(web, url)
    assert said in press(web, 'address')
