# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root's answers about DNS come out of the pipe as they went in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...errors import MailError
from ..changes import ZoneChange
from ..local_facts import DnsFacts
from ..records import Key

TEXTS = st.lists(st.text(), max_size=3).map(tuple)
KEYS = st.builds(
    Key,
    st.from_regex(r'[a-z0-9]{1,8}-(rsa|ed25519)', fullmatch=True),
    st.from_regex(r'[A-Za-z0-9+/]{1,64}={0,2}', fullmatch=True),
    st.sampled_from(['rsa', 'ed25519']),
    st.sampled_from(['live', 'next', 'old']),
)


@given(st.builds(DnsFacts, st.lists(KEYS, max_size=3).map(tuple), TEXTS, TEXTS))
def test_facts_come_back_as_they_were(facts: DnsFacts) -> None:
    assert DnsFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


@given(st.builds(ZoneChange, st.text(), st.text(), TEXTS, TEXTS))
def test_changes_come_back_as_they_were(change: ZoneChange) -> None:
    assert ZoneChange.from_json(json.loads(json.dumps(change.to_json()))) == change


@pytest.mark.parametrize(
    'key',
    [{}, {'selector': '../x', 'public': 'AAAA', 'kind': 'rsa', 'stage': 'live'},
     {'selector': 'x', 'public': 'AAAA', 'kind': 'dsa', 'stage': 'live'},
     {'selector': 'x', 'public': '"; p=', 'kind': 'rsa', 'stage': 'live'}],
)  # fmt: skip
def test_a_key_that_is_none_is_refused(key: dict[str, Any]) -> None:
    with pytest.raises((ValueError, MailError)):
        DnsFacts.from_json({'keys': [key], 'next_keys': [], 'web_names': []})
