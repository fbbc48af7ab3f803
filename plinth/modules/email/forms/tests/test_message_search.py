# SPDX-License-Identifier: AGPL-3.0-or-later
"""The search for messages: what a text may stand for, and days."""

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from ..message_search import MessageSearch, terms_of


@pytest.mark.parametrize(
    ('text', 'found'),
    [
        ('', []),
        ('  alice@example.test ',
         [{'address': 'alice@example.test'}, {'message_id': 'alice@example.test'}]),
        ('example.test', [{'address': '@example.test'}]),
        ('@example.test', [{'address': '@example.test'}]),
        ('<1.2@example.test>', [{'message_id': '<1.2@example.test>'}]),
        ('4jcMbL1hRmzNwGY', [{'queue_id': '4jcMbL1hRmzNwGY'}]),
        ('two words', [{'message_id': 'two words'}]),
    ],
)  # fmt: skip
def test_one_box_for_all(text: str, found: list[dict[str, str]]) -> None:
    assert terms_of(text) == found


def searched(**values: str) -> MessageSearch:
    data = QueryDict(mutable=True)
    data.update(values)
    return MessageSearch(data)


def test_days_are_whole_days_of_the_box() -> None:
    form = searched(since='2026-11-30', until='2026-11-30', result='returned')
    assert form.is_valid()
    assert form.is_search
    assert form.is_unfolded
    (terms,) = form.searches()
    assert terms['since'].startswith('2026-11-30T00:00:00')
    assert terms['until'].startswith('2026-12-01T00:00:00')
    assert terms['result'] == 'returned'


@pytest.mark.parametrize('field', [{'result': 'lost'}, {'since': 'tomorrow'}, {'q': 'x' * 321}])
def test_what_cannot_be_stands_at_its_field(field: dict[str, Any]) -> None:
    form = searched(**field)
    assert not form.is_valid()
    assert list(form.errors) == list(field)


@given(st.text(max_size=330))
def test_any_text_is_borne(text: str) -> None:
    form = searched(q=text)
    if form.is_valid():
        assert all(isinstance(each, dict) for each in form.searches())
