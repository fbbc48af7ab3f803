# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root's part of an observation comes out of the pipe as it went in."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...mailstore.kept_mail import KeptMail
from ...maintenance.checker_answers import Unreadable
from ..last_times import Times
from ..root_part import ChangedSettings, Queue, RootPart

MOMENTS = st.datetimes(
    datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
)  # as floats hold them to the microsecond
TEXTS = st.lists(st.text(), max_size=3).map(tuple)
QUEUES = st.builds(Queue, st.integers(0, 1001), st.booleans(), st.none() | MOMENTS)
CHANGED = st.builds(ChangedSettings, st.text(), TEXTS, st.booleans(), st.none() | st.integers())
KEPT = st.builds(KeptMail, since=MOMENTS)
TIMES = st.builds(Times, *[st.none() | MOMENTS.map(lambda each: each.replace(microsecond=0))] * 3)


@given(
    st.builds(
        RootPart,
        queue=st.none() | QUEUES,
        room_mb=st.none() | st.integers(),
        drift=st.none() | st.lists(CHANGED, max_size=3).map(tuple),
        keys_lost=st.none() | TEXTS,
        undone=st.none() | TEXTS,
        kept=st.none() | st.lists(KEPT, max_size=3).map(tuple),
        times=st.none() | TIMES,
        unreadable=st.none() | st.lists(st.builds(Unreadable), max_size=3).map(tuple),
    )
)
def test_it_comes_back_as_it_was(part: RootPart) -> None:
    assert RootPart.from_json(json.loads(json.dumps(part.to_json()))) == part


@pytest.mark.parametrize(
    'wrong',
    [{'queue': []}, {'queue': {'waiting': -1}}, {'drift': [{}]}, {'times': 'x'}, {'room_mb': '1'}],
)
def test_what_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RootPart.from_json({**RootPart().to_json(), **wrong})
