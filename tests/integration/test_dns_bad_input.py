# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bad answers of DNS: the page names the fault in words, and never takes long."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import pytest

from lab import dns, life, outside, settings
from lab.web import Browser
from tests.conftest import Host

from . import nameservers

DOMAIN = settings.DOMAINS[0]
BOX = settings.BOX.ip
LONGEST = 8.0
"""The longest wait in seconds, from the button to the page."""
GOOD = f'@ A {BOX}\n@ MX 10 {DOMAIN}.\n@ TXT "v=spf1 mx ~all"'
ELSEWHERE = f"""$TTL 60
@ SOA ns.bad.test. h.bad.test. 1 2 3 4 5
@ NS ns.bad.test.
{GOOD}
"""
BAD = dns.LabZone('bad.test', f'ns A {settings.GATEWAY}')
DEAD = dns.LabZone('bad.test', f'ns A {settings.BUILTIN.ip}')
LONG_CHAIN = '\n'.join(f'c{at} CNAME c{at + 1}' for at in range(60))


def zone(body: str, *options: str) -> dns.LabZone:
    """The zone of the domain."""
    return dns.LabZone(DOMAIN, body, options)


def server(reply: nameservers.Reply) -> Callable[[], AbstractContextManager[None]]:
    """How to run a name server of this kind."""
    return lambda: nameservers.answering(reply)


@dataclass(frozen=True)
class BadZone:
    """A zone, its name server beside the lab's, and the verdict of the page."""

    zones: tuple[dns.LabZone, ...]
    said: str
    around: Callable[[], AbstractContextManager[None]] = nullcontext


CASES = {
    'does not resolve': BadZone((), 'exist on the internet.'),
    'never answers': BadZone((zone(ELSEWHERE), DEAD), 't answer. Ask your DNS provider.'),
    'refuses': BadZone(
        (zone(ELSEWHERE), BAD),
        'add the domain to these servers.',
        server(lambda packet: packet[:2] + b'\x84\x05' + packet[4:]),
    ),
    'noise': BadZone(
        (zone(ELSEWHERE), BAD),
        'The name servers of the domain send invalid replies.',
        server(lambda packet: packet[:2] + b'\x84\x00\x00\x01\xff\xff' + b'\xc0' * 40),
    ),
    'half an answer': BadZone(
        (zone(ELSEWHERE), BAD),
        'The name servers of the domain send invalid replies.',
        server(lambda packet: packet[:7]),
    ),
    'the question back': BadZone(
        (zone(ELSEWHERE), BAD),
        'The name servers of the domain send invalid replies.',
        server(lambda packet: packet),
    ),
    'answers to others': BadZone(
        (zone(ELSEWHERE), BAD),
        'The name servers of the domain send invalid replies.',
        server(lambda packet: bytes((packet[0] ^ 1,)) + packet[1:]),
    ),
    'cut short, and no TCP': BadZone(
        (zone(ELSEWHERE), BAD),
        't answer. Ask your DNS provider.',
        server(lambda packet: packet[:2] + b'\x86\x00' + packet[4:]),
    ),
    'mail host in a circle': BadZone(
        (zone(f'@ MX 10 a\na CNAME b\nb CNAME a\n@ A {BOX}'),), 'instead of FreedomBox.'
    ),
    'policy in a circle': BadZone(
        (zone(f'{GOOD}\n_dmarc CNAME round\nround CNAME _dmarc'),),
        'The aliases (CNAME) of this name form a loop.',
    ),
    'aliases without end': BadZone(
        (zone(f'{GOOD}\n_dmarc CNAME c0\n{LONG_CHAIN}'),), 'Policy for spoofed mail (DMARC)'
    ),
    'a hundred mail servers': BadZone(
        (zone('\n'.join([GOOD, *(f'@ MX 10 m{at}' for at in range(100))])),),
        'The domain has many mail servers (101).',
    ),
    'three hundred texts': BadZone(
        (zone('\n'.join([GOOD, *(f'@ TXT "{at} {"x" * 150}"' for at in range(300))])),),
        'Allowed sending servers (SPF)',
    ),
    'texts for browsers': BadZone(
        (zone(f'{GOOD}\n_dmarc TXT "v=DMARC1; p=<script>alert(1)</script>"'),),
        '&lt;script&gt;alert(1)&lt;/script&gt;',
    ),
    'bytes that are no text': BadZone(
        (zone(f'{GOOD}\n_dmarc TXT "\\255\\254\\000 v=DMARC1"'),), 'Invalid value.'
    ),
    'rules that lead to each other': BadZone(
        (zone(f'@ A {BOX}\n@ MX 10 {DOMAIN}.\n@ TXT "v=spf1 include:a.{DOMAIN} -all"\n'
              f'a TXT "v=spf1 include:b.{DOMAIN} include:b.{DOMAIN} -all"\n'
              f'b TXT "v=spf1 include:a.{DOMAIN} include:a.{DOMAIN} -all"'),),
        'Checking the SPF rules takes more DNS lookups',
    ),
    'signed by another key': BadZone(
        (zone(GOOD, *dns.SIGNED), dns.LabZone('.', f'{DOMAIN}. DS 1 13 2 {"00" * 32}')),
        'The signatures of the zone are invalid',
    ),
    'promised to be signed': BadZone(
        (zone(GOOD), dns.LabZone('.', f'{DOMAIN}. DS 1 13 2 {"00" * 32}')),
        'The signatures of the zone are invalid',
    ),
}  # fmt: skip


@pytest.fixture(name='web', scope='module')
def fixture_web(box: Host) -> Iterator[Browser]:
    """A session of the administrator."""
    yield box.browser(settings.ADMIN)
    life.publish_zones()


def check_again(web: Browser) -> str:
    """Press the button and return the page it leads to."""
    page = web.get(f'/freedombox/apps/email/domains/at/{DOMAIN}/dns/')
    assert page.status == 200
    button = replace(page.form(), action='check/')
    began = time.monotonic()
    page = web.submit(page, button)
    assert time.monotonic() - began < LONGEST
    assert page.status == 200
    return page.text


@pytest.mark.parametrize('case', CASES.values(), ids=CASES)
def test_the_page_says_it_in_words(web: Browser, case: BadZone) -> None:
    dns.publish([outside.ZONE, outside.WORLD, *case.zones])
    with case.around():
        text = check_again(web)
    assert 'Checked just now.' in text
    assert case.said in text


def test_no_dns_at_all(web: Browser) -> None:
    dns.publish([outside.ZONE, outside.WORLD, zone(GOOD)])
    dns.stop_answering()
    try:
        text = check_again(web)
    finally:
        dns.answer_again()
    assert 'reach any name server. Check its internet connection.' in text
