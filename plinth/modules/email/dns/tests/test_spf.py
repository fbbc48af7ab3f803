# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules for senders (SPF); verdicts on whole records are in `table`."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .. import spf, spf_macro
from ..spf_walk import Evaluation
from .zones import ZoneAsker

RESULTS = {
    'pass', 'fail', 'softfail', 'neutral', 'none', 'permerror', 'temperror', 'limit', 'unknown',
}  # fmt: skip


@pytest.mark.parametrize(
    'text',
    [
        'v=spf1 ip4', 'v=spf1 foo', 'v=spf1 include:', 'v=spf2 all', 'v=spf1 a:', 'v=spf1 all:x',
        'v=spf1 include:a.test/24', 'v=spf1 a/24/64', 'v=spf1 a/024', 'v=spf1 mx//129',
        'v=spf1 ip4:192.0.2.1/024', 'v=spf1 ip6:192.0.2.1', 'v=spf1 a:b.-test', 'v=spf1 a:b.test-',
        'v=spf1 a:b.7', 'v=spf1 redirect=%{c}.test', 'v=spf1 exp=', 'v=spf1 a:%{d0}.test',
        'v=spf1 a:%', 'v=spf1 a:b.test%%', 'v=spf1 mäil', 'v=spf1\tmx', 'v=spf1 a:' + 'b.' * 999,
        'v=spf1 a:%{d99999}.test', 'v=spf1 =b', 'v=spf1 x=%{q}',
    ],
)  # fmt: skip
def test_rules_that_are_none(text: str) -> None:
    with pytest.raises(spf.PermanentError):
        spf.parse(text)


def test_rules() -> None:
    terms = spf.parse('v=spf1 ~ip6:2001:db8::/32 a:b.test/24//64 redirect=c.test -all')
    assert terms == (
        spf.Term('softfail', 'ip6', '2001:db8::', '/32'),
        spf.Term('pass', 'a', 'b.test', '/24//64'),
        spf.Term('', 'redirect', 'c.test'),
        spf.Term('fail', 'all'),
    )
    assert terms[1].prefix_for('192.0.2.1') == '/24'
    assert terms[1].prefix_for('2001:db8::1') == '/64'
    assert terms[2].prefix_for('192.0.2.1') == ''


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('%{i}', '192.0.2.3'),
        ('%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.a.test'),
        ('%{d1}.%{dr}', 'test.test.a.mail'),
        ('%{h-}.x', 'a.b.test.x'),
        ('%%%_%-', '% %20'),
        ('%{D}', 'mail.a.test'),
        ('%{d}.', 'mail.a.test'),
        ('%{d2r+}', 'mail.a.test'),
    ],
)
def test_macros(text: str, expected: str) -> None:
    known = spf_macro.values('192.0.2.3', 'mail.a.test', 'a-b.test')
    assert spf_macro.expand(text, known) == expected


def test_an_address_of_ipv6_is_written_digit_by_digit() -> None:
    known = spf_macro.values('2001:db8::cb01', 'a.test', '')
    name = spf_macro.expand('%{ir}.%{v}', known)
    assert name == f'1.0.b.c.{"0." * 20}8.b.d.0.1.0.0.2.ip6'
    assert spf_macro.expand('x.' * 150 + 'a.test', known).endswith('.x.a.test')
    assert len(spf_macro.expand('x.' * 150 + 'a.test', known)) <= spf_macro.LONGEST


def test_what_only_a_message_tells_is_unknown() -> None:
    with pytest.raises(spf_macro.UnknownError):
        spf_macro.expand('%{l}.a.test', spf_macro.values('192.0.2.3', 'a.test', ''))


def result(text: str, address: str = '192.0.2.3', zone: str = '', local: str = '') -> str:
    """The result of one record."""
    asker = ZoneAsker(origin='a.test', text=f'@ TXT "{text}"\n{zone}')
    return asyncio.run(Evaluation(asker, address, 'a.test', local).check('a.test'))


def test_where_the_sender_is_known_so_is_the_result() -> None:
    text, zone = 'v=spf1 exists:%{l}._%{o}._spf.%{d} -all', 'bob._a.test._spf A 127.0.0.2'
    assert result(text, zone=zone) == 'unknown'
    assert result(text, zone=zone, local='bob') == 'pass'
    assert result(text, zone=zone, local='eve') == 'fail'


@pytest.mark.parametrize('hosts', [10, 11])
def test_a_domain_with_many_mail_servers(hosts: int) -> None:
    zone = '\n'.join(f'@ MX 10 m{n}\nm{n} A 192.0.2.{n + 100}' for n in range(hosts))
    assert result('v=spf1 mx -all', zone=zone) == ('fail' if hosts == 10 else 'limit')


def test_of_many_names_of_an_address_ten_count() -> None:
    names = '\n'.join(f'3.2.0.192.in-addr.arpa. PTR n{n:02}.b.test.' for n in range(10))
    last = '\n3.2.0.192.in-addr.arpa. PTR z.a.test.\nz A 192.0.2.3'
    assert result('v=spf1 ptr -all', zone=names + last) == 'fail'
    assert result('v=spf1 ptr -all', zone=last) == 'pass'


@given(st.text(max_size=200))
def test_any_rules_are_rules_or_not(text: str) -> None:
    try:
        spf.parse(f'v=spf1 {text}')
    except spf.PermanentError:
        return


TERMS = st.lists(
    st.sampled_from([
        'mx', 'a', 'ptr', 'include:a.test', 'include:b.test', 'exists:%{ir}.a.test',
        'ip4:192.0.2.1', 'redirect=a.test', 'a:%{p}.a.test', '?all', '-all', 'exists:%{l}.a.test',
        'x=y', 'exists:%{d}/%{h5r.-}.%_.test', 'a:b\\\\.test',
    ]),
    max_size=12,
)  # fmt: skip


@given(TERMS, st.sampled_from(['192.0.2.3', '2001:db8::1']))
def test_a_walk_ends_with_a_result(terms: list[str], address: str) -> None:
    zone = '@ MX 10 a.test.\n@ A 192.0.2.9\n3.2.0.192.in-addr.arpa. PTR a.test.'
    assert result(' '.join(['v=spf1', *terms]), address, zone) in RESULTS
