# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters, names and changes: made of any text, they mean what they should."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3 import MODIFY_ADD, MODIFY_DELETE
from ldap3.core.exceptions import (
    LDAPBusyResult,
    LDAPEntryAlreadyExistsResult,
    LDAPInvalidFilterError,
    LDAPNoSuchAttributeResult,
    LDAPSocketOpenError,
)
from ldap3.operation.search import compile_filter, parse_filter

from plinth.modules.email.directory import connection, controls, filters, names, reading, writing
from plinth.modules.email.directory.address import parse, parse_own
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.settings import Settings
from plinth.modules.email.directory.store import Store
from plinth.modules.email.errors import MailError

TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=['Cs']), st.sampled_from('*()\\&|!=<>~,+"#;\x00 \n')
    ),
    min_size=1,
    max_size=40,
)


def compiled(text: Any) -> Any:
    """A filter as it goes to slapd."""
    return compile_filter(parse_filter(text, None, True, False, None, False).elements[0])


@given(TEXT)
def test_equality_filter_holds_exactly_one_value(value: Any) -> None:
    match = compiled(filters.equals('fbxMailOwner', value))
    assert match.getName() == 'equalityMatch'
    found = match.getComponent()
    assert bytes(found['attributeDesc']) == b'fbxMailOwner'
    assert bytes(found['assertionValue']) == value.encode()


@given(TEXT)
def test_search_filter_holds_exactly_the_text(value: Any) -> None:
    either = compiled(filters.contains(('fbxMailAddress', 'fbxMailOwner'), value))
    assert either.getName() == 'or'
    for part in either.getComponent():
        assert part.getName() == 'substringFilter'
        pieces = list(part.getComponent()['substrings'])
        assert [piece.getName() for piece in pieces] == ['any']
        assert bytes(pieces[0].getComponent()) == value.encode()


@given(TEXT)
def test_condition_keeps_to_its_kind(value: Any) -> None:
    both = compiled(filters.condition(Mailbox, value, {'owner': value}))
    assert both.getName() == 'and'
    assert len(both.getComponent()) == 3


@given(st.text(st.sampled_from('abcäöß0-_.\'=#&?^~\\,+<>;"/ '), min_size=1, max_size=20))
def test_names_have_five_parts_whatever_the_address(local: Any) -> None:
    try:
        address = str(parse_own(f'{local}@example.org'))
    except MailError:
        return
    name = re.fullmatch(
        r'fbxMailAddress=((?:[^\\,+"<>;=\0]|\\.)+),ou=mailboxes,ou=mail,dc=thisbox',
        names.entry_dn(Mailbox, address),
    )
    assert name
    assert re.sub(r'\\(.)', r'\1', name[1]) == address


def test_filter_library_would_refuse_what_is_not_escaped() -> None:
    with pytest.raises(LDAPInvalidFilterError):
        compiled('(fbxMailOwner=a)(uid=*)')


def test_differences_name_what_was_seen() -> None:
    before = Alias('a@example.org', ('b@c.dd', 'e@f.gg'))
    after = Alias('a@example.org', ('e@f.gg', 'h@i.jj'), note='new')
    assert writing.differences(before.to_attributes(), after.to_attributes()) == {
        'fbxMailDestination': [(MODIFY_DELETE, ['b@c.dd']), (MODIFY_ADD, ['h@i.jj'])],
        'fbxMailNote': [(MODIFY_ADD, ['new'])],
    }


def test_no_differences_are_no_change() -> None:
    entry = Domain('example.org').to_attributes()
    assert writing.differences(entry, entry) == {}


def test_settings_are_checked() -> None:
    for primary, operator in (('a b', ''), ('A.b', ''), ('', 'a b')):
        with pytest.raises(MailError):
            Settings(primary, operator)


def test_a_damaged_entry_is_left_out(caplog: Any) -> None:
    good = {'fbxMailDomainName': [b'example.org'], 'fbxMailEnabled': [b'TRUE']}
    found = list(reading.read([{'fbxMailDomainName': [b'a b']}, good, {}], Domain))
    assert found == [Domain('example.org')]
    assert 'damaged domain' in caplog.text


@pytest.mark.parametrize(
    ('error', 'code'),
    [
        (LDAPSocketOpenError('no'), 'directory-down'),
        (LDAPBusyResult(result=51), 'directory-down'),
        (LDAPEntryAlreadyExistsResult(result=68), 'entry-exists'),
        (LDAPNoSuchAttributeResult(result=16), 'entry-changed'),
        (LDAPInvalidFilterError('no'), 'directory-failed'),
    ],
)
def test_errors_get_a_code(error: Any, code: Any) -> None:
    assert connection.to_mail_error(error).code == code


def test_a_socket_no_one_listens_on_is_a_directory_that_is_down(tmp_path: Any) -> None:
    with (
        pytest.raises(MailError) as caught,
        Store(f'ldapi://{tmp_path}/socket'),
    ):
        pass
    assert caught.value.code == 'directory-down'


def test_paging_controls_are_ber() -> None:
    order, view = controls.page('fbxMailAddress', 9990, 50, 10016)
    assert order[2] == b'\x30\x12\x30\x10\x04\x0efbxMailAddress'
    assert view[2] == bytes.fromhex('3010 020100 020131 a008 02022707 02022720'.replace(' ', ''))


def test_total_of_an_answer() -> None:
    answer = {'2.16.840.1.113730.3.4.10': {'value': bytes.fromhex('300a 020101 02022720 0a0100')}}
    assert controls.total(answer) == 10016
    assert controls.total({}) == 0


def test_remote_destinations_may_have_a_label() -> None:
    assert Alias('a@example.org', (str(parse('b+c@d.ee')),)).destinations == ('b+c@d.ee',)
