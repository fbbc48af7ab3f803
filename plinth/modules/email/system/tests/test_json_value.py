# SPDX-License-Identifier: AGPL-3.0-or-later
"""Values that cross as JSON: they come back as they were, and nothing else is taken for one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.errors import Reason
from plinth.modules.email.status import State
from plinth.modules.email.system.json_value import JsonValue


@dataclass(frozen=True)
class _Inner(JsonValue):
    name: str


@dataclass(frozen=True)
class _Outer(JsonValue):
    text: str
    number: int
    part: float
    truth: bool
    when: datetime
    time: timedelta
    state: State
    choice: Literal['a', 'b']
    inner: _Inner
    reason: Reason
    maybe: _Inner | None
    several: tuple[_Inner, ...]
    pair: tuple[int, str]
    by_name: Mapping[str, int]
    mixed: str | int | bool | tuple[str, ...] | None


SAMPLE = _Outer(
    'x', 1, 1.5, True, datetime(2026, 11, 21, tzinfo=UTC), timedelta(hours=1), State.WORKS, 'a',
    _Inner('y'),
    Reason('entry-changed', {'key': 'z'}), None, (_Inner('1'), _Inner('2')), (1, 'one'), {'a': 1},
    ('m',),
)  # fmt: skip

_INNER = st.builds(_Inner, st.text())
_VALUES = st.builds(
    _Outer,
    text=st.text(),
    number=st.integers(),
    part=st.floats(allow_nan=False, allow_infinity=False),
    truth=st.booleans(),
    when=st.datetimes(timezones=st.just(UTC)),
    time=st.integers(-(10**9), 10**9).map(lambda seconds: timedelta(seconds=seconds)),
    state=st.sampled_from(State),
    choice=st.sampled_from(['a', 'b']),
    inner=_INNER,
    reason=st.builds(Reason, st.text(), st.dictionaries(st.text(), st.text())),
    maybe=st.none() | _INNER,
    several=st.lists(_INNER).map(tuple),
    pair=st.tuples(st.integers(), st.text()),
    by_name=st.dictionaries(st.text(), st.integers()),
    mixed=st.text() | st.integers() | st.booleans() | st.none() | st.lists(st.text()).map(tuple),
)


@given(_VALUES)
def test_it_comes_back_as_it_was(value: _Outer) -> None:
    found = _Outer.from_json(json.loads(json.dumps(value.to_json())))
    assert found == value
    assert type(found.mixed) is type(value.mixed)


def test_more_than_its_fields_is_no_harm() -> None:
    assert _Inner.from_json({'name': 'x', 'more': 1}) == _Inner('x')


@pytest.mark.parametrize('name', SAMPLE.to_json())
def test_no_field_can_be_left_out(name: str) -> None:
    data = SAMPLE.to_json()
    del data[name]
    with pytest.raises(ValueError, match=name):
        _Outer.from_json(data)


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('text', 1), ('text', None), ('number', True), ('number', 1.0), ('number', '1'),
        ('part', 'x'), ('part', True), ('truth', 1), ('truth', 'yes'), ('when', 'today'),
        ('when', 1), ('when', '2026-11-21T00:00:00'), ('time', 'x'), ('time', 10**99),
        ('state', 'fine'), ('state', []), ('choice', 'c'), ('choice', []), ('inner', None),
        ('inner', []), ('inner', {}), ('inner', {'name': 1}), ('reason', {}), ('reason', 'x'),
        ('reason', {'key': 'a'}), ('maybe', 'x'), ('several', 'xy'), ('several', [None]),
        ('several', {}), ('pair', [1]), ('pair', [1, 'x', 2]), ('pair', ['x', 1]),
        ('by_name', []), ('by_name', {'a': 'b'}), ('by_name', {1: 1}), ('mixed', 1.5),
        ('mixed', [1]), ('mixed', {}),
    ],
)  # fmt: skip
def test_what_is_not_its_kind_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        _Outer.from_json({**SAMPLE.to_json(), name: value})


@pytest.mark.parametrize('data', [None, [], 'x', 1, [['name', 'x']]])
def test_what_is_no_mapping_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match='_Inner'):
        _Inner.from_json(data)


@pytest.mark.parametrize('name', SAMPLE.to_json())
def test_no_value_stands_in_the_message(name: str) -> None:
    said = []
    for secret in ('sesame', ['sesame'], {'sesame': 'sesame'}):
        try:
            _Outer.from_json({**SAMPLE.to_json(), name: secret})
        except ValueError as error:
            said.append(str(error))
    assert said
    assert 'sesame' not in ''.join(said)


def test_what_the_class_itself_refuses_stays_refused() -> None:
    @dataclass(frozen=True)
    class Even(JsonValue):
        number: int

        def __post_init__(self) -> None:
            if self.number % 2:
                raise ValueError('odd')

    assert replace(Even(2), number=4).to_json() == {'number': 4}
    with pytest.raises(ValueError, match='odd'):
        Even.from_json({'number': 3})
