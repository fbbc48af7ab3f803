# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses and domains: every spelling of one is one text, and nothing else gets in."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory import address as module
from plinth.modules.email.errors import MailError

NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from('@.*()\\,+"<>;=#/%|!\x00\n\r \u200e\u202e\u2066\ud800'),
    ),
    max_size=90,
)


def code_of(call: Any, *arguments: Any) -> Any:
    with pytest.raises(MailError) as caught:
        call(*arguments)
    assert caught.value.sentence.endswith(('.', ')'))
    return caught.value.code


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('alice@example.org', 'alice@example.org'),
        ('ALICE@Example.ORG', 'alice@example.org'),
        ("o'brien-smith_2@example.org", "o'brien-smith_2@example.org"),
        ('jo\u0308rg@bücher.example', 'jörg@xn--bcher-kva.example'),
        ('Straße@example.org', 'strasse@example.org'),
        ('用户@例子.测试', '用户@xn--fsqu00a.xn--0zwm56d'),
        ('Ζωή@παράδειγμα.gr', 'ζωή@xn--hxajbheg2az3al.gr'),
        ('a@XN--BCHER-KVA.example', 'a@xn--bcher-kva.example'),
        ('alice@example.org.', 'alice@example.org'),
        ('a@bücher.example.', 'a@xn--bcher-kva.example'),
        ('a@bücher.example。', 'a@xn--bcher-kva.example'),
    ],
)
def test_spellings_of_an_address_become_one(text: Any, expected: Any) -> None:
    assert str(module.parse_own(text)) == expected


@pytest.mark.parametrize(
    'text',
    [
        '', '@', 'alice', 'alice@', '@example.org', 'a b@example.org', '"a b"@example.org',
        '.a@example.org', 'a.@example.org', 'a..b@example.org', 'a/b@example.org',
        '../../etc@example.org', 'a\x00b@example.org', 'a\nb@example.org', 'a\u202eb@example.org',
        'a\u200bb@example.org', '-rf@example.org', 'a@b@example.org', 'a(b)@example.org',
        'a,b@example.org', 'a:b@example.org', 'a;b@example.org', '<a@example.org>',
        'a' * 65 + '@example.org', 'ä' * 33 + '@example.org', 'a' * 10000 + '@example.org',
        'a\\b@example.org', 'a\xa0b@example.org', 'a\ud800@example.org',
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: Any) -> None:
    assert code_of(module.parse, text) in ('address-invalid', 'domain-invalid')


@pytest.mark.parametrize('local', ['a+b', 'a%b', 'a!b', 'shop-*', '$a', 'a|b', '`id`', '{a}'])
def test_own_addresses_have_fewer_characters(local: Any) -> None:
    assert str(module.parse(f'{local}@example.org')) == f'{local}@example.org'
    assert code_of(module.parse_own, f'{local}@example.org') == 'address-invalid'


def test_the_reason_says_which_character() -> None:
    with pytest.raises(MailError, match='already reaches alice'):
        module.parse_own('alice+shop@example.org')


@pytest.mark.parametrize(
    'text',
    [
        '', '.', 'localhost', 'example..org', '.example.org', 'example.org..', '..', 'org.',
        '-a.example',
        'a-.example', 'exa mple.org', 'a_b.example', '192.0.2.1', '[192.0.2.1]', 'a' * 64 + '.org',
        '.'.join(['a' * 60] * 5), 'a' * 10000, 'exämple\u202e.org', 'a/b.example', 'a\x00.example',
        'xn--a.example', 'xn--0.example', 'a\ud800.example', '*.example.org', 'a)(uid=*.example',
    ],
)  # fmt: skip
def test_what_is_no_domain_is_refused(text: Any) -> None:
    assert code_of(module.parse_domain, text) == 'domain-invalid'


def test_domains_have_a_form_for_machines_and_one_for_people() -> None:
    assert module.parse_domain('BÜCHER.Example') == 'xn--bcher-kva.example'
    assert module.unicode_domain('xn--bcher-kva.example') == 'bücher.example'
    assert module.unicode_domain('example.org') == 'example.org'


def test_longest_address_is_254_bytes() -> None:
    domain = '.'.join(['d' * 61] * 3) + '.ddd'
    assert len(str(module.parse('a' * 64 + '@' + domain))) == 254
    assert code_of(module.parse, 'a' * 64 + '@d' + domain) == 'address-invalid'


def test_address_is_only_made_in_its_normal_form() -> None:
    assert code_of(module.Address, 'Alice', 'example.org') == 'address-invalid'
    assert code_of(module.Address, 'alice', 'Example.org') == 'domain-invalid'


def test_error_shows_no_control_characters() -> None:
    with pytest.raises(MailError) as caught:
        module.parse_domain('a\x1b[31m\u202e' * 30)
    assert all(unicodedata.category(sign)[0] != 'C' for sign in caught.value.sentence)


@given(NASTY, st.sampled_from(['example.org', 'bücher.example']))
def test_what_gets_through_is_safe_everywhere(local: Any, domain: Any) -> None:
    try:
        found = str(module.parse(f'{local}@{domain}'))
    except MailError:
        return
    assert found.count('@') == 1
    assert len(found.encode()) <= 254
    assert not set(found) & set('\0/\\()<>,;:"[] \t\r\n')
    assert all(unicodedata.category(sign)[0] not in 'CZ' for sign in found)
    assert not found.startswith(('.', '-'))


@given(NASTY)
def test_own_addresses_are_safe_folder_names(local: Any) -> None:
    try:
        found = module.parse_own(f'{local}@example.org').local
    except MailError:
        return
    assert not set(found) & set('/%$*+!|`{}')
    assert found not in ('.', '..')


@given(NASTY)
def test_parsing_twice_changes_nothing(text: Any) -> None:
    for parse in (module.parse, module.parse_own):
        try:
            once = str(parse(f'{text}@example.org'))
        except MailError:
            continue
        assert str(parse(once)) == once
        assert str(parse(once.upper())) == str(parse(once)) or not once.isascii()


@given(NASTY)
def test_a_domain_is_letters_digits_and_hyphens(text: Any) -> None:
    try:
        found = module.parse_domain(text)
    except MailError:
        return
    assert set(found) <= set('abcdefghijklmnopqrstuvwxyz0123456789.-')
    assert module.parse_domain(found) == found
    assert module.unicode_domain(found)
