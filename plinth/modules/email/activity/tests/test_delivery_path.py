# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which tables Postfix would ask, read from its settings."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plinth.modules.email.activity import delivery_path
from plinth.modules.email.activity.delivery_path import PostfixAnswer, Resolved
from plinth.modules.email.directory.resolve import DeliveryStep, Kind, Path


@pytest.mark.parametrize(
    ('text', 'tables'),
    [
        ('', []),
        ('hash:a, proxy:ldap:b', ['hash:a', 'proxy:ldap:b']),
        ('p:{l:a, l:b}, i:{@x=y, @z=y}', ['p:{l:a, l:b}', 'i:{@x=y, @z=y}']),
        ('a:{b:{c, d}, e} f:g', ['a:{b:{c, d}, e}', 'f:g']),
    ],
)  # fmt: skip
def test_commas_inside_braces_belong_to_a_table(text: Any, tables: Any) -> None:
    assert delivery_path.split_tables(text) == tables


def test_of_restrictions_only_those_about_recipients_count(monkeypatch: Any) -> None:
    monkeypatch.setattr(delivery_path.Postfix, '__post_init__', lambda _self: None)
    text = 'permit_mynetworks, check_sender_access ldap:a, check_recipient_access proxy:ldap:b'
    postfix = delivery_path.Postfix(
        {'smtpd_recipient_restrictions': text, 'virtual_alias_maps': 'ldap:c'}
    )
    assert postfix.tables('smtpd_recipient_restrictions') == ['ldap:b']
    assert postfix.tables('virtual_alias_maps') == ['ldap:c']


def test_a_value_follows_its_key_after_a_tab() -> None:
    text = 'a@b.test\tc@d.test, e@f.test\nx@b.test\ty\tz\n'
    assert delivery_path.read_answers(text) == {
        'a@b.test': 'c@d.test, e@f.test',
        'x@b.test': 'y\tz',
    }


def test_no_key_is_more_than_a_line() -> None:
    assert delivery_path._are_safe(['a@b.test', 'a@b.test\nroot', '', 'ä@b.test', 'a\0b']) == [
        'a@b.test', 'ä@b.test',
    ]  # fmt: skip


class Tables(delivery_path.Postfix):
    """Tables that are made up; what is asked is counted by table."""

    def __post_init__(self) -> None:
        """Ask no Postfix."""


def postfix(monkeypatch: Any, aliases: dict[str, str]) -> tuple[delivery_path.Postfix, list[int]]:
    """A Postfix with these aliases, and how many keys were asked for each time."""
    counts: list[int] = []

    def ask(_table: str, keys: list[str]) -> dict[str, str]:
        counts.append(len(keys))
        return {key: aliases[key] for key in keys if key in aliases}

    monkeypatch.setattr(delivery_path, '_ask', ask)
    return Tables({'virtual_alias_maps': 'ldap:a'}), counts


def test_a_table_is_asked_once_for_all_addresses_of_a_step(monkeypatch: Any) -> None:
    far = [f'p{number}@far.test' for number in range(300)]
    asked, counts = postfix(monkeypatch, {'all@b.test': ','.join(far)})
    assert asked.ends('all@b.test') == far
    assert not asked.cut
    assert len(counts) == 2


def test_more_addresses_than_postfix_takes_are_cut_and_said_so(monkeypatch: Any) -> None:
    far = [f'p{number}@far.test' for number in range(delivery_path._MOST + 1)]
    asked, _counts = postfix(monkeypatch, {'all@b.test': ','.join(far)})
    asked.ends('all@b.test')
    assert asked.cut


def test_a_circle_ends(monkeypatch: Any) -> None:
    asked, _counts = postfix(monkeypatch, {'a@b.test': 'c@b.test', 'c@b.test': 'a@b.test'})
    assert asked.ends('a@b.test') == []


_TEXT = st.text(max_size=8)
_TEXTS = st.lists(_TEXT, max_size=3).map(tuple)
_STEPS = st.builds(DeliveryStep, kind=st.sampled_from(get_args(Kind)), to=_TEXTS)
_ANSWERS = st.builds(PostfixAnswer, _TEXT, _TEXTS, _TEXTS, _TEXTS, st.integers(0, 1000))


@settings(max_examples=50)
@given(
    st.builds(
        Resolved,
        st.builds(Path, _TEXT, st.lists(_STEPS, min_size=1, max_size=3).map(tuple)),
        _TEXTS,
        _ANSWERS,
    )
)
def test_an_answer_comes_back_as_it_was(found: Resolved) -> None:
    again = Resolved.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert again.agrees is found.agrees


def test_a_step_of_no_kind_is_refused() -> None:
    path = Path('a@b.test', (DeliveryStep('a@b.test', 'remote'),)).to_json()
    path['steps'][0]['kind'] = 'elsewhere'
    with pytest.raises(ValueError, match='kind'):
        Path.from_json(path)
