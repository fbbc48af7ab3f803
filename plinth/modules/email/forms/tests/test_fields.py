# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fields bear whatever is typed, and errors of the directory find their field."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from ...errors import MailError
from ...views.editing import shown_value
from ..alias import AliasForm, NewAliasForm
from ..domain import DomainForm, RemoveDomainForm
from ..fields import AddressesField, AddressField, DomainField, end_of, last_day

DOMAINS = [('one.test', 'one.test')]


def posted(**fields: str) -> QueryDict:
    """The data a browser sends."""
    data = QueryDict(mutable=True)
    data.update(fields)
    return data


@given(st.text(max_size=200))
def test_fields_take_anything_and_give_normal_addresses_or_a_reason(text: str) -> None:
    for field in (AddressesField(required=False), AddressField(required=False), DomainField()):
        try:
            value: Any = field.clean(text)
        except ValidationError as error:
            reasons = error.messages
            assert all(reasons), f'{text!r} was refused without a reason'
            continue
        for each in value if isinstance(value, list) else [value]:
            assert field.clean(each) in (each, [each])


@pytest.mark.parametrize(
    'text', ['b@x.test, a@x.test', 'b@x.test\n\n a@x.test', 'b@X.test;a@x.test;B@x.test']
)
def test_addresses_stand_on_lines_or_between_commas(text: str) -> None:
    field = AddressesField()
    assert field.clean(text) == ['b@x.test', 'a@x.test']
    assert not field.has_changed(('a@x.test', 'b@x.test'), 'b@x.test\na@x.test')
    assert field.has_changed(('a@x.test',), '')
    assert not field.has_changed((), ' ')
    assert not field.has_changed(('a@x.test',), 'A@X.test,\n')


@pytest.mark.parametrize(
    ('field', 'value', 'text'),
    [
        (AliasForm.base_fields['enabled'], True, 'yes'),
        (AliasForm.base_fields['destinations'], ['b@x.test', 'a@x.test'], 'a@x.test, b@x.test'),
        (AliasForm.base_fields['senders'], (), '(empty)'),
        (AliasForm.base_fields['expires'], None, '(empty)'),
        (DomainForm.base_fields['user_aliases'], 0, '0'),
        (DomainForm.base_fields['user_mailboxes'], 'no', 'Never'),
    ],
)
def test_values_are_shown_in_words(field: Any, value: Any, text: str) -> None:
    assert shown_value(field, value) == text


def test_a_day_is_shown_alike_from_the_directory_and_from_a_form() -> None:
    field, day = AliasForm.base_fields['expires'], date(2027, 1, 31)
    end = datetime.fromisoformat(end_of(day)).astimezone(UTC)
    assert shown_value(field, end) == shown_value(field, day)


def test_each_wrong_address_has_its_reason() -> None:
    with pytest.raises(ValidationError) as caught:
        AddressesField().clean('alice, bob@x.test, carol')
    assert len(caught.value.messages) == 2


def test_ten_thousand_characters_are_too_many() -> None:
    with pytest.raises(ValidationError):
        AddressField().clean('x' * 10_000)


def test_the_last_day_is_the_one_before_the_end() -> None:
    end = datetime.fromisoformat(end_of(date(2027, 1, 31)))
    assert last_day(end.astimezone(UTC)) == date(2027, 1, 31)
    assert end_of(None) == ''


def test_an_error_stands_at_its_field_or_above_all() -> None:
    form = AliasForm(posted(destinations='a@x.test'))
    assert form.is_valid()
    form.blame(MailError('alias-loop.self'))
    form.blame(MailError('directory-failed'))
    assert form.errors['destinations'] == ["An address can't forward to itself."]
    assert form.non_field_errors() == ['The user directory (LDAP) reported an error.']
    shown = next(bound for bound in form.usual_fields if bound.name == 'destinations')
    assert shown.field.widget.attrs['aria-invalid'] == 'true'
    assert shown.field.widget.attrs['aria-describedby'].startswith('id_destinations_error')


def test_only_what_was_changed_is_sent() -> None:
    initial = {'destinations': ('a@x.test',), 'enabled': True, 'expires': None,
               'senders': (), 'note': 'old'}  # fmt: skip
    form = AliasForm(posted(destinations='a@x.test', enabled='on', note='new'), initial=initial)
    assert form.is_valid()
    assert form.changes() == {'note': 'new'}


@pytest.mark.parametrize('local', ['sales', 'sales@one.test'])
def test_a_whole_address_may_stand_in_the_first_field(local: str) -> None:
    form = NewAliasForm(
        posted(local=local, domain='one.test', destinations='a@x.test'), domains=DOMAINS
    )
    assert form.is_valid()
    assert form.wanted()['address'] == 'sales@one.test'


@pytest.mark.parametrize(('typed', 'fits'), [('ONE.test', True), ('two.test', False), ('', False)])
def test_the_name_of_the_domain_has_to_be_typed(typed: str, fits: bool) -> None:
    assert RemoveDomainForm(posted(name=typed), domain='one.test').is_valid() is fits
