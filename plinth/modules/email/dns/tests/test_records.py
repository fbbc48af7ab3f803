# SPDX-License-Identifier: AGPL-3.0-or-later
"""The records a domain needs, and how they are written down."""

import dns.rdata
import dns.zone
import pytest
from dns.rdtypes.ANY.TXT import TXT
from hypothesis import given
from hypothesis import strategies as st

from ...words.dns import ENTERING
from ..ask import spell
from ..changes import ZoneChange
from ..records import Key, Record, Site, quoted, wanted
from ..zonefile import bind, nsupdate

SUM = 'ab' * 32
KEYS = (Key('dkim', 'K' * 392), Key('next', 'QUJD', 'ed25519'))


def of(role: str, site: Site) -> Record:
    """One record."""
    (found,) = [record for record in wanted(site) if record.role == role]
    return found


def test_every_live_key_has_a_record() -> None:
    site = Site('one.test', 'one.test', keys=KEYS)
    assert of('dkim-next', site).value == 'v=DKIM1; k=ed25519; p=QUJD'
    assert of('dkim-dkim', site).name == 'dkim._domainkey.one.test'


def test_a_long_value_is_split_where_dns_needs_it() -> None:
    key = of('dkim-dkim', Site('a.test', 'a.test', keys=KEYS))
    parts = key.text.split('" "')
    assert len(parts) == 2
    assert ''.join(parts).strip('"') == key.value
    assert all(len(part.strip('"')) <= 255 for part in parts)


@given(st.text(max_size=700))
def test_any_text_survives_being_written_down(text: str) -> None:
    record = dns.rdata.from_text('IN', 'TXT', quoted(text))
    assert isinstance(record, TXT)
    assert b''.join(record.strings) == text.encode()
    assert all(len(string) <= 255 for string in record.strings)


def test_an_onion_needs_nothing() -> None:
    assert wanted(Site('abcdefgh.onion', 'abcdefgh.onion')) == ()


def test_an_international_domain_is_in_ascii() -> None:
    site = Site('xn--bcher-kva.test', 'mail.test')
    assert of('mx', site).name == 'xn--bcher-kva.test'
    with pytest.raises(ValueError, match='normal form'):
        Site('bücher.test', 'mail.test')


def test_addresses_are_known_or_left_to_the_owner() -> None:
    assert of('address-a', Site('a.test', 'a.test')).value == ''
    both = Site('a.test', 'a.test', ('192.0.2.1', '2001:db8::1'))
    assert of('address-aaaa', both).value == '2001:db8::1'
    six = Site('a.test', 'a.test', ('2001:db8::1',))
    assert [r.role for r in wanted(six) if r.role.startswith('address')] == ['address-aaaa']


def test_both_certificate_keys_are_told() -> None:
    site = Site('a.test', 'mx.test', certificate_keys=(SUM, 'cd' * 32))
    assert of('tlsa-1', site).value == f'3 1 1 {"cd" * 32}'
    assert of('tlsa-0', site).name == '_25._tcp.mx.test'


def test_the_policy_has_a_new_name_when_it_changes() -> None:
    one, two = Site('a.test', 'a.test'), Site('a.test', 'a.test', mta_sts_mode='enforce')
    assert one.policy_id != two.policy_id
    assert one.policy == 'version: STSv1\r\nmode: testing\r\nmx: a.test\r\nmax_age: 604800\r\n'


def test_names_as_providers_ask_for_them() -> None:
    site = Site('mail.sub.test', 'mail.sub.test')
    assert of('dmarc', site).label('sub.test') == '_dmarc.mail'
    assert of('mx', site).label('mail.sub.test') == '@'


@pytest.mark.parametrize(
    'wrong',
    [
        {'domain': 'a b.test'},
        {'domain': 'a.test\n@ NS evil.test.'},
        {'host': 'A.test'},
        {'certificate_keys': ('zz' * 32,)},
        {'mta_sts_mode': 'maybe'},
    ],
)
def test_a_site_takes_nothing_that_could_break_out(wrong: dict[str, str]) -> None:
    with pytest.raises(Exception, match=r'\w'):
        Site(**{'domain': 'a.test', 'host': 'a.test', **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize(('selector', 'public'), [('a b', 'QUJD'), ('a', 'Q"'), ('a', '')])
def test_a_key_takes_nothing_that_could_break_out(selector: str, public: str) -> None:
    with pytest.raises(Exception, match=r'\w'):
        Key(selector, public)


def test_every_record_says_how_to_enter_it() -> None:
    site = Site('a.test', 'b.test', ('192.0.2.1', '2001:db8::1'), KEYS, (SUM,))
    records = wanted(site)
    assert {record.kind for record in records} <= set(ENTERING)
    assert len({record.role for record in records}) == len(records)


def test_the_zone_file_is_one() -> None:
    site = Site('a.test', 'b.test', ('192.0.2.1',), KEYS, (SUM,))
    text = bind(wanted(site), 'a.test')
    assert '\n; b.test. 3600 IN A 192.0.2.1' in text, 'it stands in another zone'
    head = '$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS b.test.\n'
    zone = dns.zone.from_text(head + text, 'a.test.')
    values = {spell(each) for _name, _ttl, each in zone.iterate_rdatas('TXT')}
    assert of('dkim-dkim', site).value in values


def test_an_unknown_address_is_asked_for() -> None:
    assert '; a.test. 3600 IN A ...' in bind(wanted(Site('a.test', 'a.test')), 'a.test')


def test_commands_for_nsupdate() -> None:
    text = nsupdate([ZoneChange('a.test', 'TXT', ('"old"',), ('"new"',))], 'a.test')
    assert text == (
        'zone a.test.\nupdate delete a.test. TXT "old"\nupdate add a.test. 3600 TXT "new"\nsend\n'
    )
