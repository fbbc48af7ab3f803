# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which names are mail domains."""

import pytest

from ...sync import synchronize
from .. import box_names


@pytest.mark.parametrize(
    ('names', 'wanted'),
    [
        ([], []),
        (['box.local'], ['box.local']),
        (['abc.onion', 'example.org', 'box.local'], ['example.org']),
        (['Example.ORG'], ['example.org']),
        (['nodots', 'two.parts', 'bad_name.org', ''], ['two.parts']),
    ],
)
def test_mail_domains(names: list[str], wanted: list[str]) -> None:
    assert box_names.mail_domains(names) == wanted


@pytest.mark.parametrize(
    ('names', 'known', 'removed', 'wanted'),
    [
        (['a.org'], [], (), ['a.org']),
        (['a.org'], ['b.org'], (), ['a.org', 'b.org']),
        (['a.org'], ['a.org', 'b.org'], {'b.org'}, ['a.org']),
        ([], ['a.org'], (), ['a.org']),
        (['a.org'], ['box.local'], (), ['a.org', 'box.local']),
        (['a.org'], ['a.org'], {'a.org'}, ['a.org']),
    ],
)
def test_a_name_is_dropped_only_when_it_was_taken_away(
    names: list[str], known: list[str], removed: set[str], wanted: list[str]
) -> None:
    assert synchronize.wanted_domains(names, known, removed) == wanted


@pytest.mark.parametrize(
    ('known', 'wanted'),
    [(['a.org'], ['a.org']), (['a.org', 'mail.a.org'], ['a.org', 'mail.a.org'])],
)
def test_a_host_for_mail_apps_does_not_become_a_mail_domain(
    known: list[str], wanted: list[str]
) -> None:
    names = ['a.org', 'mail.a.org']
    assert synchronize.wanted_domains(names, known, (), {'mail.a.org'}) == wanted


@pytest.mark.parametrize(
    ('primary', 'wanted', 'better'),
    [
        ('', ['a.org'], None),
        ('a.org', ['b.org', 'a.org'], None),
        ('box.local', ['a.org', 'box.local'], 'a.org'),
        ('box.local', ['box.local'], None),
    ],
)
def test_a_public_domain_takes_the_place_of_a_private_one(
    primary: str, wanted: list[str], better: str | None
) -> None:
    assert synchronize._public_instead(primary, wanted) == better


def test_names_that_serve_a_mail_domain_are_none_themselves() -> None:
    names = ['a.org', 'mta-sts.a.org', 'autoconfig.a.org', 'mta-sts.b.org']
    assert box_names.mail_domains(names) == ['a.org', 'mta-sts.b.org']
