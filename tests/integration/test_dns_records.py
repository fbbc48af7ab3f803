# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verdicts of the box on its domain's records, whatever the DNS of the lab serves."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import dns, life, outside, settings
from tests.conftest import Host

from . import nameservers

DOMAIN = settings.DOMAINS[0]
BOX = settings.BOX.ip
GOOD = f"""
@ A {BOX}
@ MX 10 {DOMAIN}.
@ TXT "v=spf1 mx ~all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:postmaster@{DOMAIN}"
"""
SOA = """$TTL 60
@ SOA ns.outside.test. h.outside.test. 1 2 3 4 5
"""
NS = f'@ NS ns.{settings.OUTSIDE_DOMAIN}.\n'
Publish = Callable[..., None]


@pytest.fixture(name='publish', scope='module')
def fixture_publish() -> Iterator[Publish]:
    """A way to serve a zone in the place of the box's own."""
    key = '\n'.join(life.key_records(DOMAIN)[DOMAIN])

    def publish(body: str = GOOD, *others: dns.LabZone, options: tuple[str, ...] = ()) -> None:
        zone = dns.LabZone(DOMAIN, body if 'SOA' in body else f'{body}\n{key}', options)
        dns.publish([outside.ZONE, outside.WORLD, zone, *others])

    yield publish
    life.publish_zones()


def check(box: Host, domain: str = DOMAIN) -> dict[str, Any]:
    """The verdicts by what they are about."""
    report = json.loads(box.run('freedombox-email', 'dns', 'check', domain, '--json', check=False))
    assert 'verdicts' in report, report
    return report


def codes(box: Host, *roles: str) -> list[str]:
    """The codes of some verdicts."""
    verdicts = check(box)['verdicts']
    return [verdicts[role]['code'] for role in roles]


def key_role() -> str:
    """The name in reports of the record of the published key."""
    line = next(each for each in life.key_records(DOMAIN)[DOMAIN] if 'k=rsa' in each)
    return f'dkim-{line.partition(".")[0]}'


def test_all_that_is_needed_is_right(box: Host, publish: Publish) -> None:
    publish()
    report = check(box)
    needed = {role: each for role, each in report['verdicts'].items()
              if each['severity'] != 'optional'}  # fmt: skip
    allowed = {'certificate': 'certificate-own', 'clock': 'clock-unknown'}
    for role, verdict in needed.items():
        assert verdict['state'] == 'works' or verdict['code'] == allowed.get(role), (role, verdict)
    assert report['seconds'] < 3


def test_following_the_page_makes_all_right(box: Host, publish: Publish) -> None:
    """The zone file the box gives out is a zone that Knot serves and the box finds right."""
    text = box.run('freedombox-email', 'dns', 'zone', DOMAIN)
    publish(f'{SOA}{NS}{text}')
    verdicts = check(box)['verdicts']
    wanted = json.loads(box.run('freedombox-email', 'dns', 'show', DOMAIN, '--json'))['records']
    assert len(wanted) >= 15
    bad = {each['role']: verdicts[each['role']]['code'] for each in wanted
           if verdicts[each['role']]['state'] != 'works'}  # fmt: skip
    assert bad == {'srv-autodiscover': 'setup-untrusted'}, (
        'nobody trusts the certificate of the lab'
    )


def test_nothing_is_there(box: Host, publish: Publish) -> None:
    publish('@ A 192.0.2.1')
    assert codes(box, 'mx', 'address-a', 'spf', 'dmarc', key_role()) == [
        'missing-needed', 'address-other', 'missing-advised', 'missing-advised', 'right',
    ]  # fmt: skip


WRONG = {
    'another mail server': ('@ MX 10 mail.outside.test.', 'mx', 'mx-elsewhere'),
    'no mail at all': ('@ MX 0 .', 'mx', 'mx-none'),
    'after another': (f'@ MX 10 mail.outside.test.\n@ MX 20 {DOMAIN}.', 'mx', 'mx-not-first'),
    'in turn': (f'@ MX 10 {DOMAIN}.\n@ MX 10 mail.outside.test.', 'mx', 'mx-shared'),
    'one more': (f'@ MX 10 {DOMAIN}.\n@ MX 20 mail.outside.test.', 'mx', 'mx-more'),
    'by another name': (f'@ MX 10 mail\nmail A {BOX}', 'mx', 'right'),
    'a hundred': (
        '\n'.join([f'@ MX 10 {DOMAIN}.', *(f'@ MX 10 m{n}' for n in range(100))]), 'mx', 'mx-many',
    ),
    'address at home': ('@ A 192.168.1.2', 'address-a', 'address-private'),
    'two addresses': (f'@ A {BOX}\n@ A 192.0.2.7', 'address-a', 'address-more'),
    'another way to send': (f'@ A {BOX}\n@ TXT "v=spf1 ip4:{BOX}/30 -all"', 'spf', 'spf-other'),
    'through an include': (
        f'@ TXT "v=spf1 include:_spf.{DOMAIN} -all"\n_spf TXT "v=spf1 ip4:{BOX} -all"\n@ A {BOX}',
        'spf', 'spf-other',
    ),
    'includes itself': (
        f'@ A {BOX}\n@ TXT "v=spf1 include:{DOMAIN} -all"', 'spf', 'spf-limit',
    ),
    'others only': (f'@ A {BOX}\n@ TXT "v=spf1 ip4:192.0.2.1 -all"', 'spf', 'spf-refuses'),
    'a name of this box': (f'@ A {BOX}\n@ TXT "v=spf1 ptr -all"', 'spf', 'spf-other'),
    'a name that exists': (
        f'@ A {BOX}\n@ TXT "v=spf1 exists:%{{i}}._spf.%{{d}} -all"\n{BOX}._spf A 127.0.0.2',
        'spf', 'spf-other',
    ),
    'somewhere else': (
        f'@ A {BOX}\n@ TXT "v=spf1 redirect=_spf.%{{d}}"\n_spf TXT "v=spf1 ip4:{BOX} -all"',
        'spf', 'spf-other',
    ),
    'everybody': (f'@ A {BOX}\n@ TXT "v=spf1 mx +all"', 'spf', 'spf-open'),
    'two policies': ('@ TXT "v=spf1 mx ~all"\n@ TXT "v=spf1 a ~all"', 'spf', 'duplicated'),
    'half a policy': (f'@ A {BOX}\n@ TXT "v=spf1 ip4:not-a-number -all"', 'spf', 'spf-garbage'),
    'stricter': ('_dmarc TXT "v=DMARC1; p=reject; rua=mailto:a@b.test"', 'dmarc', 'dmarc-stricter'),
    'nonsense': ('_dmarc TXT "v=dmarc1; p=none"', 'dmarc', 'garbage'),
    'of something else': ('* TXT "v=spf1 -all"', 'dmarc', 'missing-advised'),
    'two of them': (
        '_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=reject"', 'dmarc', 'duplicated',
    ),
    'a circle': ('_dmarc CNAME round\nround CNAME _dmarc', 'dmarc', 'loop'),
    'an alias out of the zone': (
        '_dmarc CNAME policy.outside.test.', 'dmarc', 'missing-advised',
    ),
    'other issuers': ('@ CAA 0 issue "ca.example"', 'caa', 'caa-forbids'),
    'another key': (f'_25._tcp TLSA 3 1 1 {"ab" * 32}', 'tlsa-0', 'tlsa-unsigned'),
    'no such service': ('_imaps._tcp SRV 0 0 0 .', 'srv-imaps', 'srv-off'),
    'a service by another name': (f'_imaps._tcp SRV 0 0 993 i\ni A {BOX}', 'srv-imaps', 'right'),
    'no certificate for anybody': ('@ CAA 0 issue ";"', 'caa', 'caa-nobody'),
    'a name server that is not there': (
        f'{SOA}{NS}@ NS ns9.outside.test.', 'domain', 'servers-absent',
    ),
    'service elsewhere': ('_imaps._tcp SRV 0 0 993 a.test.', 'srv-imaps', 'srv-elsewhere'),
}  # fmt: skip


@pytest.mark.parametrize(('body', 'role', 'code'), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(
    box: Host, publish: Publish, body: str, role: str, code: str
) -> None:
    publish(body)
    assert codes(box, role) == [code]


def test_a_key_cut_in_another_place_is_the_same_key(box: Host, publish: Publish) -> None:
    line = next(each for each in life.key_records(DOMAIN)[DOMAIN] if 'k=rsa' in each)
    name = line.split()[0]
    value = line.partition('(')[2].replace('"', '').replace(' ', '').rstrip(')')
    cut = ' '.join(f'"{value[at : at + 71]}"' for at in range(0, len(value), 71))
    publish(f'{SOA}{NS}{name} TXT {cut}')
    assert codes(box, key_role()) == ['right']
    publish(f'{SOA}{NS}{name} TXT "v=DKIM1; k=rsa; p=AAAA"')
    assert codes(box, key_role()) == ['dkim-other']


def test_signatures(box: Host, publish: Publish) -> None:
    publish(GOOD, options=dns.SIGNED)
    assert codes(box, 'dnssec') == ['dnssec-unsigned'], 'the parent does not say it is signed'
    publish(GOOD, dns.LabZone('.', dns.delegation(DOMAIN)), options=dns.SIGNED)
    assert codes(box, 'dnssec', 'tlsa-0') == ['dnssec-signed', 'missing-optional']
    wrong = f'{GOOD}\n_25._tcp TLSA 3 1 1 {"ab" * 32}'
    publish(wrong, dns.LabZone('.', dns.delegation(DOMAIN)), options=dns.SIGNED)
    assert codes(box, 'tlsa-0') == ['tlsa-other']
    publish(GOOD, dns.LabZone('.', f'{DOMAIN}. DS 1 13 2 {"00" * 32}'), options=dns.SIGNED)
    assert codes(box, 'dnssec') == ['dnssec-broken']


def test_the_page_says_whether_this_box_checks_signatures(box: Host) -> None:
    web = box.browser()

    def choose(value: str) -> None:
        page = web.get('/freedombox/sys/names/')
        web.submit(page, page.form(has_field='names-dnssec'), **{'names-dnssec': value})

    assert codes(box, 'validation') == ['validation-off']
    choose('yes')
    try:
        assert codes(box, 'validation') == ['validation-on']
    finally:
        choose('no')
    assert codes(box, 'validation') == ['validation-off']


NUMBER = '.'.join(reversed(BOX.split('.')))
LISTED = dns.LabZone('zen.spamhaus.org', f'{NUMBER} A 127.0.0.4')
HOME = dns.LabZone('zen.spamhaus.org', f'{NUMBER} A 127.0.0.11')
ODD = dns.LabZone('zen.spamhaus.org', f'{NUMBER} A 127.0.0.77')
DOMAIN_LISTED = dns.LabZone('dbl.spamhaus.org', f'{DOMAIN} A 127.0.1.2')
DEAD = '$TTL 60\n@ SOA ns.dead.test. h.dead.test. 1 2 3 4 5\n@ NS ns.dead.test.\n'
DEAD_SERVER = dns.LabZone('dead.test', f'ns A {settings.BUILTIN.ip}')


@pytest.mark.parametrize(
    ('zones', 'code', 'named'),
    [
        ((), 'lists-clean', ''),
        ((LISTED,), 'listed', f'Spamhaus ZEN ({BOX})'),
        ((HOME,), 'listed-home', f'Spamhaus ZEN ({BOX})'),
        ((ODD,), 'lists-odd', f'Spamhaus ZEN ({BOX})'),
        ((DOMAIN_LISTED,), 'listed', f'Spamhaus DBL ({DOMAIN})'),
        ((LISTED, DOMAIN_LISTED), 'listed', f'({DOMAIN}), Spamhaus ZEN ({BOX})'),
        (
            (dns.LabZone('zen.spamhaus.org', f'{NUMBER} A 127.255.255.254'),),
            'lists-partly', 'Spamhaus ZEN',
        ),
        ((dns.LabZone('psbl.surriel.com', DEAD), DEAD_SERVER), 'lists-partly', 'PSBL'),
        ((LISTED, dns.LabZone('psbl.surriel.com', DEAD), DEAD_SERVER), 'listed', 'Spamhaus ZEN'),
    ],
    ids=['on none', 'address', 'home', 'a new code', 'domain', 'both', 'will not tell', 'silent',
         'listed and silent'],
)  # fmt: skip
def test_block_lists(
    box: Host, publish: Publish, zones: tuple[dns.LabZone, ...], code: str, named: str
) -> None:
    publish(GOOD, *zones)
    report = check(box)
    verdict = report['verdicts']['lists']
    assert verdict['code'] == code
    assert named in verdict['sentence']
    answer = {'listed-home': '127.0.0.11 (PBL)', 'lists-odd': '127.0.0.77'}.get(code, '')
    assert answer in ' '.join(verdict['found']), 'the answer can be looked up'
    assert report['seconds'] < 8


@pytest.mark.parametrize(
    ('host', 'code'),
    [
        (f'gmail-smtp-in A {settings.OUTSIDE_IP}', 'port-25-open'),
        (f'gmail-smtp-in A {settings.BUILTIN.ip}', 'port-25-shut'),
        (f'gmail-smtp-in A {settings.BUILTIN.ip}\ngmail-smtp-in AAAA 2001:db8::1', 'port-25-shut'),
        (f'gmail-smtp-in A {settings.GATEWAY}', 'port-25-shut'),
        ('other A 192.0.2.1', 'port-25-unknown'),
    ],
    ids=['open', 'nobody answers', 'nor by IPv6', 'refused', 'no such host'],
)
def test_the_way_out(box: Host, publish: Publish, host: str, code: str) -> None:
    publish(GOOD, dns.LabZone('l.google.com', host))
    report = check(box)
    assert report['verdicts']['port-25']['code'] == code
    assert report['seconds'] < 8


LAST = BOX.rsplit('.', 1)[1]


@pytest.mark.parametrize(
    ('body', 'code'),
    [
        ('1 PTR gateway.test.', 'reverse-missing'),
        (f'{LAST} PTR nowhere.test.', 'reverse-unconfirmed'),
        (f'{LAST} PTR other.{DOMAIN}.', 'reverse-other'),
        (f'{LAST} PTR {DOMAIN}.', 'right'),
        (f'{LAST} PTR a.test.\n{LAST} PTR {DOMAIN}.', 'right'),
        (f'{LAST} CNAME round\nround CNAME {LAST}', 'reverse-missing'),
    ],
    ids=['missing', 'leads nowhere', 'another', 'right', 'two names', 'a circle'],
)
def test_reverse_names(box: Host, publish: Publish, body: str, code: str) -> None:
    publish(f'{GOOD}\nother A {BOX}', dns.LabZone(dns.reverse_zone(), body))
    assert codes(box, 'reverse') == [code]


def clock(wrong_by: int) -> nameservers.Reply:
    """A time server that is wrong by so many seconds."""

    def now(_request: bytes) -> bytes:
        seconds = int(time.time()) + 2_208_988_800 + wrong_by
        return b'\x24\x02' + bytes(38) + seconds.to_bytes(4, 'big') + bytes(4)

    return now


@pytest.mark.parametrize(
    ('reply', 'code'),
    [
        (clock(0), 'clock-right'),
        (clock(4000), 'clock-wrong'),
        (clock(-4000), 'clock-wrong'),
        (lambda _request: b'no time', 'clock-unknown'),
        (lambda _request: bytes(48), 'clock-unknown'),
        (lambda _request: None, 'clock-unknown'),
    ],
    ids=['right', 'ahead', 'behind', 'noise', 'not in step itself', 'silent'],
)
def test_the_clock(box: Host, publish: Publish, reply: nameservers.Reply, code: str) -> None:
    publish(GOOD, dns.LabZone('ntp.org', f'2.debian.pool A {settings.GATEWAY}'))
    with nameservers.answering(reply, 123):
        report = check(box)
    assert report['verdicts']['clock']['code'] == code
    assert report['seconds'] < 8


def test_servers_far_away(box: Host, publish: Publish) -> None:
    """With each answer 150 ms away a look takes no longer than three seconds."""
    far = dns.LabZone('far.test', f'ns A {settings.GATEWAY}')
    publish(f'{SOA}@ NS ns.far.test.\n{GOOD}', far)
    script = (
        'import json\n'
        'from plinth.modules.email.words.dns import speak_english\n'
        'speak_english()\n'
        'from plinth.modules.email.dns import check, endpoints, look, report\n'
        'from plinth.modules.email.dns.records import wanted\n'
        'from plinth.modules.email.maintenance.dns_publishing import dns_facts\n'
        f'site = check.site_of({DOMAIN!r}, dns_facts)\n'
        f'seen = look.look(site, wanted(site), endpoints.load(), servers=({settings.GATEWAY!r},))\n'
        'print(json.dumps(report.make(site, seen, None).to_json()))'
    )
    with nameservers.far_away(0.15):
        report = json.loads(box.run('python3', '-c', script))
    assert report['verdicts']['domain']['code'] == 'domain-answers'
    assert report['verdicts']['mx']['code'] == 'right'
    assert 0.15 * 4 < report['seconds'] < 3


def test_a_server_that_talks_nonsense(box: Host, publish: Publish) -> None:
    publish(f'{GOOD}\n@ NS ns.bad.test.', dns.LabZone('bad.test', f'ns A {settings.GATEWAY}'))
    with nameservers.answering(lambda packet: packet[:2] + b'\x84\x00\x00\x01\xff' * 20):
        report = check(box)
    assert report['verdicts']['domain']['code'] == 'server-down'
    assert report['verdicts']['mx']['code'] == 'right', 'the other server still counts'
    assert report['seconds'] < 8


def test_name_servers_that_never_answer(box: Host, publish: Publish) -> None:
    publish(
        f'{SOA}@ NS ns.dead.test.\n{GOOD}', dns.LabZone('dead.test', f'ns A {settings.BUILTIN.ip}')
    )
    report = check(box)
    assert report['verdicts']['domain']['code'] == 'servers-silent'
    assert report['seconds'] < 8


def test_no_dns_at_all(box: Host, publish: Publish) -> None:
    publish()
    dns.stop_answering()
    try:
        started = time.monotonic()
        report = check(box)
        assert time.monotonic() - started < 12  # a look ends after 7 s; the rest is a busy machine
    finally:
        dns.answer_again()
    assert report['verdicts']['domain']['code'] == 'resolver-silent'
    assert {report['verdicts'][role]['state'] for role in ('mx', 'spf', 'dmarc')} == {'unknown'}


@pytest.mark.usefixtures('publish')
def test_a_domain_no_one_knows(box: Host) -> None:
    dns.publish([outside.ZONE, outside.WORLD])
    verdicts = check(box)['verdicts']
    assert verdicts['domain']['code'] == 'domain-unknown'
    assert verdicts['mx']['code'] == 'missing-needed'


def test_a_domain_with_its_mail_host_elsewhere(box: Host, publish: Publish) -> None:
    second = settings.DOMAINS[1]
    publish(GOOD, dns.LabZone(second, f'@ MX 10 {DOMAIN}.\n@ TXT "v=spf1 mx ~all"'))
    verdicts = check(box, second)['verdicts']
    for role in ('mx', 'address-a', 'spf', 'reverse'):
        assert verdicts[role]['code'] == 'right', role
    text = box.run('freedombox-email', 'dns', 'zone', second)
    assert f'\n; {DOMAIN}. 3600 IN A {BOX}' in text, 'an address of another zone is a comment'
