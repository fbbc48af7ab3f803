# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings mail apps find, and the verdicts on them.

Real servers are asked in tests/integration/test_clients.py.
"""

import asyncio

import pytest

from ...clients import autoconfig, autodiscover
from ...clients.servers import ClientSettings
from ...words.dns import sentence
from .. import discovery, setups, web
from ..answer import Answer, DnsView, Question, Seen, Setup, Status
from ..ask import Asker
from ..compare import compare
from ..records import Site, wanted

SITE = Site('a.test', 'mx.test', web_names=('autodiscover.a.test',))
RECORDS = {record.role: record for record in wanted(SITE)}
SETTINGS = ClientSettings('a.test', 'mx.test')
HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n'
CONFIG, DISCOVER = 'clientConfig', 'Autodiscover'
OK, HTTP = Setup('https://x.test/', host='mx.test'), Setup('http://x.test/', host='mx.test')
ELSEWHERE = Setup('https://x.test/', host='imap.hoster.example')


def seen(**found: Setup) -> Seen:
    return Seen(setups={key.replace('_', '-'): each for key, each in found.items()})


def lost(problem: str) -> Setup:
    return Setup('https://x.test/path', problem)


def test_what_we_answer_is_understood() -> None:
    config = HEAD + autoconfig.document(SETTINGS)
    discover = HEAD + autodiscover.document(SETTINGS, 'a@a.test')
    assert discovery.read(config, CONFIG) == 'mx.test'
    assert discovery.read(discover, DISCOVER) == 'mx.test'
    assert autodiscover.read(discovery.question('a.test')) == 'nobody@a.test'


FILE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
SERVER = b'<incomingServer type="imap"><hostname>%s</hostname></incomingServer>'


@pytest.mark.parametrize(
    'data',
    [
        b'',
        b'HTTP/1.1 404 Not Found\r\n\r\n<clientConfig/>',
        HEAD,
        HEAD + b'<html><body>Welcome</body></html>',
        HEAD + b'<clientConfig/>',
        HEAD + b'<clientConfig>' + SERVER % (b'x' * 300) + b'</clientConfig>',
        HEAD + b'<clientConfig>' + SERVER % b'a&#10;b' + b'</clientConfig>',
        HEAD + FILE + b'<clientConfig>' + SERVER % b'&x;' + b'</clientConfig>',
        HEAD + autodiscover.document(SETTINGS, 'a@a.test'),
        HEAD + autodiscover.error(autodiscover.INVALID),
    ],
    ids=['nothing', 'not found', 'empty', 'a web page', 'no server', 'a long name',
         'two lines', 'a file', 'those for Outlook', 'an error'],
)  # fmt: skip
def test_other_answers_are_no_settings(data: bytes) -> None:
    with pytest.raises(ValueError, match=r'.'):
        discovery.read(data, CONFIG)


@pytest.mark.parametrize(
    ('head', 'target'),
    [
        (b'HTTP/1.1 200 OK\r\nLocation: https://a.test/', None),
        (b'HTTP/1.1 302 Found\r\nLOCATION:  https://a.test/x ', 'https://a.test/x'),
        (b'HTTP/1.1 301 Moved\r\nServer: x', ''),
        (b'', None),
    ],
)
def test_an_answer_that_leads_on(head: bytes, target: str | None) -> None:
    assert web.location(head + b'\r\n\r\nLocation: https://evil.example/') == target


def test_a_name_without_address_is_not_asked() -> None:
    place = discovery.places('a.test', ())[0]
    found = asyncio.run(discovery.from_here(Asker(())).ask(place, ()))
    assert found == Setup('https://autoconfig.a.test/mail/config-v1.1.xml?emailaddress='
                          'nobody@a.test', 'absent')  # fmt: skip


def code_of(role: str, leads_here: bool, found: Seen) -> tuple[str, str]:
    record = RECORDS[role]
    ours = DnsView(resolver=Answer(Status.FOUND, ('192.0.2.1',)))
    other = DnsView(resolver=Answer(Status.FOUND, ('192.0.2.9',)))
    views = {
        Question(record.name, 'A'): ours if leads_here else other,
        Question('mx.test', 'A'): ours,
        Question(record.name, 'SRV'): DnsView(resolver=Answer(Status.FOUND, ('0 1 443 mx.test.',))),
    }
    verdict = compare(record, SITE, Seen(views=views, setups=found.setups))
    assert sentence(verdict)
    return verdict.state, verdict.code


@pytest.mark.parametrize(
    ('role', 'leads_here', 'found', 'expected'),
    [
        ('autoconfig', True, seen(autoconfig=OK), ('works', 'setup-right')),
        (
            'autoconfig', True, seen(autoconfig=lost('untrusted'), autoconfig_http=HTTP),
            ('works', 'setup-http'),
        ),
        (
            'autoconfig', True,
            seen(autoconfig=lost('missing'), autoconfig_http=lost('missing')),
            ('look', 'setup-missing'),
        ),
        (
            'autoconfig', True,
            seen(autoconfig=lost('unreachable'), autoconfig_http=lost('unreachable')),
            ('unknown', 'setup-unreachable'),
        ),
        ('autoconfig', True, seen(autoconfig=ELSEWHERE), ('look', 'setup-other')),
        ('autoconfig', True, Seen(), ('unknown', 'setup-unknown')),
        ('autoconfig', False, seen(autoconfig=OK), ('works', 'setup-right')),
        ('autoconfig', False, seen(autoconfig=ELSEWHERE), ('look', 'name-elsewhere')),
        ('autoconfig', False, Seen(), ('look', 'name-elsewhere')),
        ('autodiscover', True, seen(autodiscover=lost('untrusted')), ('look', 'setup-untrusted')),
        ('autodiscover', True, seen(autodiscover=OK), ('works', 'setup-right')),
        ('srv-autodiscover', True, seen(autodiscover_srv=OK), ('works', 'setup-right')),
        (
            'srv-autodiscover', True, seen(autodiscover_srv=lost('untrusted')),
            ('look', 'setup-untrusted'),
        ),
        ('srv-autodiscover', True, Seen(), ('unknown', 'setup-unknown')),
    ],
)  # fmt: skip
def test_a_record_is_judged_by_what_is_found_there(
    role: str, leads_here: bool, found: Seen, expected: tuple[str, str]
) -> None:
    assert code_of(role, leads_here, found) == expected


@pytest.mark.parametrize(
    ('text', 'host'),
    [
        ('{"Protocol": "AutodiscoverV1", "Url": "https://mx.test/x"}', 'mx.test'),
        ('{"Url": "http://mx.test/x"}', ''),
        ('{"Url": "https://mx.test:8443/x"}', ''),
        ('{"Url": "https://mx.test/\\r\\nX: y"}', ''),
        ('{"Url": 7}', ''),
        ('{"ErrorCode": "InvalidProtocol"}', ''),
        ('[]', ''),
        ('<html>', ''),
        ('[' * 5000, ''),
    ],
)
def test_newer_outlooks_are_led_by_https_only(text: str, host: str) -> None:
    if host:
        assert discovery.referral(HEAD + text.encode()).host == host
        return
    with pytest.raises(ValueError, match=r'.'):
        discovery.referral(HEAD + text.encode())


GONE = lost('absent')
SHUT = Setup('https://x.test/path', 'unreachable', outside=True)


@pytest.mark.parametrize(
    ('found', 'code'),
    [
        (seen(autoconfig=GONE, well_known=OK, autoconfig_http=GONE), 'setup-right'),
        (seen(autoconfig=lost('untrusted'), well_known=ELSEWHERE), 'setup-other'),
        (seen(autoconfig=GONE, well_known=GONE, autoconfig_http=GONE), 'setup-none'),
        (seen(autoconfig=GONE, well_known=lost('unreachable')), 'setup-unknown'),
        (seen(autoconfig=GONE, well_known=lost('missing')), 'setup-missing'),
        (Seen(), 'setup-unknown'),
        (seen(autoconfig=OK, autoconfig_bare=OK), 'setup-right'),
        (seen(autoconfig=OK, autoconfig_bare=lost('missing')), 'setup-bare'),
        (seen(autoconfig=OK, autoconfig_bare=ELSEWHERE), 'setup-bare'),
        (seen(autoconfig=OK, autoconfig_bare=lost('unreachable')), 'setup-right'),
        (seen(autoconfig=SHUT, well_known=SHUT), 'setup-shut'),
        (seen(autoconfig=SHUT, well_known=GONE), 'setup-shut'),
        (seen(autoconfig=SHUT, autoconfig_http=HTTP), 'setup-http'),
    ],
)
def test_thunderbird_takes_the_first_settings(found: Seen, code: str) -> None:
    verdict = setups.thunderbird(SITE, found)
    assert verdict.code == code
    assert sentence(verdict)


@pytest.mark.parametrize(
    ('found', 'code'),
    [
        (seen(autodiscover_domain=OK, autodiscover=lost('untrusted')), 'setup-right'),
        (
            seen(autodiscover_domain=lost('missing'), autodiscover=lost('untrusted'),
                 autodiscover_srv=OK),
            'setup-warns',
        ),
        (
            seen(autodiscover_domain=lost('missing'), autodiscover=GONE, autodiscover_srv=OK),
            'setup-right',
        ),
        (seen(autodiscover_domain=OK, autodiscover_domain_json=OK), 'setup-right'),
        (
            seen(autodiscover_domain=OK, autodiscover_domain_json=lost('missing')),
            'setup-no-json',
        ),
        (seen(autodiscover_domain=lost('missing'), autodiscover_json=OK), 'setup-right'),
    ],
)  # fmt: skip
def test_outlook_warns_of_a_name_without_certificate(found: Seen, code: str) -> None:
    verdict = setups.outlook(SITE, found)
    assert verdict.code == code
    assert sentence(verdict)


def test_settings_that_name_the_host_chosen_for_mail_apps_are_ours() -> None:
    found = seen(autoconfig=Setup('https://autoconfig.a.test/', host='mail.a.test'))
    codes = [
        setups.thunderbird(Site('a.test', 'mx.test', client_host=each), found).code
        for each in ('', 'mail.a.test')
    ]
    assert codes == ['setup-other', 'setup-right']
    records = {
        each.role: each for each in wanted(Site('a.test', 'mx.test', client_host='mail.a.test'))
    }
    assert (records['client-host'].name, records['client-host'].value) == (
        'mail.a.test',
        'mx.test.',
    )


def test_outlook_is_led_to_a_certificate_only() -> None:
    assert 'autodiscover' in RECORDS
    bare = {record.role for record in wanted(Site('a.test', 'mx.test'))}
    assert {'srv-autodiscover', 'autoconfig'} <= bare
    assert 'autodiscover' not in bare
