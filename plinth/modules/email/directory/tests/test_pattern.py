# SPDX-License-Identifier: AGPL-3.0-or-later
"""Patterns: which there may be, which means an address, and that Postfix thinks so too."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.config import tables
from plinth.modules.email.directory.address import parse_own
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.pattern import (
    MOST_SEPARATORS,
    is_pattern,
    parse_alias,
    patterns_for,
)
from plinth.modules.email.errors import MailError

NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from('*-._=@()\\,+"<>&;\x00\n\r \u200e\u202e')),
    max_size=70,
)
LOCALS = st.text('ab-._=1ä', min_size=1, max_size=12)


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('shop-*@example.org', 'shop-*@example.org'),
        ('SHOP-*@Example.org', 'shop-*@example.org'),
        ('*@bücher.example', '*@xn--bcher-kva.example'),
        ('a.b_c=*@example.org', 'a.b_c=*@example.org'),
        ('alice@example.org', 'alice@example.org'),
    ],
)
def test_patterns_have_one_form(text: Any, expected: Any) -> None:
    assert parse_alias(text) == expected
    assert Alias(expected, ('x@y.zz',)).is_pattern == ('*' in expected)


@pytest.mark.parametrize(
    'local',
    ['shop*', '**', 'a*b', '*-shop', 'a-*-*', '.*', 'a..*', 'a-b-c-d-*', 'a+*', '-*', ' *', '%-*',
     '\u202e-*', 'a' * 70 + '-*', 'a' * 10000 + '-*'],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(local: Any) -> None:
    with pytest.raises(MailError) as caught:
        parse_alias(f'{local}@example.org')
    assert caught.value.code in ('pattern-invalid', 'address-invalid', 'domain-invalid')
    assert len(caught.value.sentence) < 300


def test_the_longest_pattern_counts_first() -> None:
    assert patterns_for('a-b.c_d=e@x.yy') == ('a-b.c_*@x.yy', 'a-b.*@x.yy', 'a-*@x.yy', '*@x.yy')
    assert patterns_for('shop-@x.yy') == ('*@x.yy',)
    assert patterns_for('shop@x.yy') == ('*@x.yy',)


@given(NASTY)
def test_what_gets_through_is_one_star_at_the_end(local: Any) -> None:
    try:
        found = parse_alias(f'{local}@example.org')
    except MailError:
        return
    assert found.count('*') <= 1
    assert not is_pattern(found) or found.endswith('*@example.org')
    assert parse_alias(found) == found
    assert not set(found) & set('\0\\(),;:<>"+ \r\n')


def postfix_finds(address: Any) -> Any:
    """The patterns Postfix's tables of this address give, in its order."""
    found = []
    for number in range(MOST_SEPARATORS, 0, -1):
        line = tables._pattern(number).content.splitlines()[1]
        expression, _, replacement = line[1:].partition('$/ ')
        match = re.match(f'{expression}$', address)
        if match:
            assert replacement == '${1}*@${3}'
            found.append(f'{match[1]}*@{match[3]}')
    return tuple(found)


@given(LOCALS)
def test_postfix_asks_for_the_same_patterns(local: Any) -> None:
    try:
        address = str(parse_own(f'{local}@example.org'))
    except MailError:
        return
    assert (*postfix_finds(address), '*@example.org') == patterns_for(address)


def test_postfix_asks_for_none_with_a_label() -> None:
    assert postfix_finds('shop-x+label@example.org') == ()


@given(LOCALS, LOCALS)
def test_a_pattern_means_what_begins_like_it_and_nothing_else(prefix: Any, rest: Any) -> None:
    try:
        pattern = parse_alias(f'{prefix}-*@example.org')
        address = str(parse_own(f'{prefix}-{rest}@example.org'))
    except MailError:
        return
    assert pattern in patterns_for(address)
    assert pattern not in patterns_for(str(parse_own('z' + address)))
