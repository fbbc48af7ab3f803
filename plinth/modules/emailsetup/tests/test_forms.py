# SPDX-License-Identifier: AGPL-3.0-or-later
"""Texts that can be typed at the first start."""

import pytest

from ..forms import FirstBootForm


def form(domain: str, choice: str = 'now') -> FirstBootForm:
    """A form that was filled in."""
    return FirstBootForm(data={'primary_domain': domain, 'choice': choice})


@pytest.mark.parametrize(
    ('typed', 'domain'),
    [
        ('example.org', 'example.org'),
        (' Example.ORG. ', 'example.org'),
        ('https://example.org/', 'example.org'),
        ('@example.org', 'example.org'),
        ('bücher.example', 'xn--bcher-kva.example'),
    ],
)
def test_what_people_put_around_a_domain_is_forgiven(typed: str, domain: str) -> None:
    filled = form(typed)
    assert filled.is_valid()
    assert filled.cleaned_data['primary_domain'] == domain


@pytest.mark.parametrize(
    ('typed', 'says'),
    [
        ('', 'enter your domain'),
        ('   ', 'enter your domain'),
        ('example', 'not a valid domain'),
        ('my domain.org', 'not a valid domain'),
        ('-a.org', 'not a valid domain'),
        ('192.0.2.1', 'not a valid domain'),
        ('example..org', 'not a valid domain'),
        pytest.param('a' * 5000, 'not a valid domain', id='long'),
        ('alice@example.org', 'after the @'),
        ('freedombox.local', 'your own network'),
        ("'; DROP TABLE", 'not a valid domain'),
    ],
)
def test_a_wrong_domain_is_explained_at_the_field(typed: str, says: str) -> None:
    filled = form(typed)
    assert not filled.is_valid()
    assert list(filled.errors) == ['primary_domain']
    assert any(says in error for error in filled.errors['primary_domain'])


@pytest.mark.parametrize('choice', ['later', 'never'])
@pytest.mark.parametrize(
    'typed',
    ['', 'not a domain', 'example.org', pytest.param('a' * 5000, id='long')],
)
def test_nothing_typed_stands_in_the_way_of_later_and_never(choice: str, typed: str) -> None:
    assert form(typed, choice).is_valid()


def test_an_answer_is_needed() -> None:
    assert list(form('example.org', 'perhaps').errors) == ['choice']
