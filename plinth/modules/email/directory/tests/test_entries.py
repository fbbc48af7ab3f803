# SPDX-License-Identifier: AGPL-3.0-or-later
"""The value types: what they refuse, and that LDAP attributes bring them back."""

import json
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.apppassword import AppPassword
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.entry import Entry, Origin, last_day, parse_time
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.errors import MailError

MOMENT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
ENTRIES = [
    Domain('example.org'),
    Domain('xn--bcher-kva.example', False, 'example.org', 'freedombox', 'a note', MOMENT),
    Mailbox('alice@example.org'),
    Mailbox('jörg@example.org', False, 'jörg', 'id', 'jörg', 'freedombox', 'ünïcode', MOMENT),
    Alias('info@example.org', ('a@example.org',)),
    Alias('b@example.org', ('a@b.cc', 'b@c.dd'), False, 'bob', ('a@b.cc',), MOMENT, 'user', 'x'),
]
PASSWORD = AppPassword('ab2c', 'bob', 'Phone', MOMENT, 'id', last_sent=MOMENT)


def raw(entry: Any) -> Any:
    return {
        name: [value.encode() for value in values] for name, values in entry.to_attributes().items()
    }


@pytest.mark.parametrize('entry', ENTRIES)
def test_attributes_bring_an_entry_back(entry: Any) -> None:
    assert type(entry).from_attributes(raw(entry)) == entry


@pytest.mark.parametrize('entry', ENTRIES)
def test_empty_fields_are_no_attributes(entry: Any) -> None:
    assert all(all(values) and values for values in entry.to_attributes().values())


def test_json_is_plain() -> None:
    assert ENTRIES[1].to_json()['gone'] == '2026-11-21T06:00:00+00:00'


@pytest.mark.parametrize('entry', [*ENTRIES, PASSWORD])
def test_json_brings_an_entry_back(entry: Entry) -> None:
    known = replace(entry, version='0123456789abcdef', stamp='20261121060000.000000Z#000000')
    found = type(entry).from_json(json.loads(json.dumps(known.to_json())))
    assert found == known
    assert (found.version, found.stamp) == (known.version, '')


@pytest.mark.parametrize('entry', ENTRIES)
def test_a_version_is_of_the_content_and_not_of_logins(entry: Entry) -> None:
    def version(**others: bytes) -> str:
        found = raw(entry) | {'entryUUID': [b'1'], 'entryCSN': [b'1']}
        return type(entry).from_attributes(found | {k: [v] for k, v in others.items()}).version

    assert version() == version(entryCSN=b'2', pwdLastSuccess=b'20261121060000Z')
    assert version() != version(entryUUID=b'2')
    assert type(entry).from_attributes(raw(entry)).version == ''


def test_another_note_is_another_version() -> None:
    entry = ENTRIES[1]
    found = {'entryUUID': [b'1'], **raw(entry)}
    other = {**found, type(entry).ATTRIBUTES['note']: [b'another']}
    assert type(entry).from_attributes(found).version != type(entry).from_attributes(other).version


def test_json_that_is_no_entry_is_refused() -> None:
    plain = ENTRIES[-1].to_json()
    for wrong in ({**plain, 'enabled': 'yes'}, {**plain, 'destinations': 'a@b.cc'}, {}):
        with pytest.raises(ValueError, match='Alias'):
            Alias.from_json(wrong)
    with pytest.raises(MailError):
        Alias.from_json({**plain, 'address': 'no address'})


def test_international_domain_is_found_by_both_names() -> None:
    attributes = Domain('xn--bcher-kva.example').to_attributes()
    assert attributes['fbxMailDomainUnicode'] == ('bücher.example',)
    assert 'fbxMailDomainUnicode' not in Domain('example.org').to_attributes()


@pytest.mark.parametrize(
    ('make', 'code'),
    [
        (lambda: Domain('Example.org'), 'domain-invalid'),
        (lambda: Domain('example.org', alias_of='example.org'), 'domain-invalid'),
        (lambda: Domain('example.org', origin=cast(Origin, 'stork')), 'origin-invalid'),
        (lambda: Domain('example.org', note='a\nb'), 'text-invalid'),
        (lambda: Domain('example.org', note='\u202eabc'), 'text-invalid'),
        (lambda: Domain('example.org', note='a' * 10000), 'text-invalid'),
        (lambda: Mailbox('Alice@example.org'), 'address-invalid'),
        (lambda: Mailbox('a+b@example.org'), 'address-invalid'),
        (lambda: Mailbox('a@example.org', owner='a b'), 'user-invalid'),
        (lambda: Mailbox('a@example.org', owner='a)(uid=*'), 'user-invalid'),
        (lambda: Mailbox('a@example.org', owner='alice', login='bob'), 'login-invalid'),
        (lambda: Alias('a@example.org', ()), 'destination-invalid'),
        (lambda: Alias('a@example.org', ('a@example.org',)), 'alias-loop'),
        (lambda: Alias('a@example.org', ('b@c.dd', 'b@c.dd')), 'destination-repeated'),
        (lambda: Alias('a@example.org', ('B@c.dd',)), 'address-invalid'),
        (lambda: Alias('a@example.org', ('b@c.dd',), senders=('x',)), 'address-invalid'),
        (
            lambda: Alias('a@example.org', tuple(f'u{n}@c.dd' for n in range(501))),
            'destination-invalid',
        ),
    ],
)
def test_bad_values_are_refused(make: Any, code: Any) -> None:
    with pytest.raises(MailError) as caught:
        make()
    assert caught.value.code == code


@given(st.text())
def test_a_note_is_one_line_or_refused(note: Any) -> None:
    if len(note) <= 500 and all(unicodedata.category(sign)[0] != 'C' for sign in note):
        entry = Domain('example.org', note=note)
        assert Domain.from_attributes(raw(entry)) == entry
    else:
        with pytest.raises(MailError):
            Domain('example.org', note=note)


@pytest.fixture
def california(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv('TZ', 'America/Los_Angeles')
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures('california')
@pytest.mark.parametrize(
    ('text', 'end'),
    [
        ('2031-01-31', datetime(2031, 2, 1, 8, tzinfo=UTC)),
        ('2031-03-31', datetime(2031, 4, 1, 7, tzinfo=UTC)),
        ('2031-01-31T18:00', datetime(2031, 2, 1, 2, tzinfo=UTC)),
        ('2031-01-31T18:00+00:00', datetime(2031, 1, 31, 18, tzinfo=UTC)),
    ],
)
def test_a_date_alone_is_a_last_day(text: str, end: datetime) -> None:
    assert parse_time(text) == end
    assert last_day(end) == date.fromisoformat(text[:10])


@pytest.mark.parametrize('text', ['soon', '2031-02-30', '9999-12-31', '20310131x'])
def test_what_is_no_date_is_said(text: str) -> None:
    with pytest.raises(MailError) as caught:
        parse_time(text)
    assert caught.value.code == 'time-invalid'
