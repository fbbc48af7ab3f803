# SPDX-License-Identifier: AGPL-3.0-or-later
"""The head of a report."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ..head import LONGEST_SPAN, Head, clean, fields

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)


def head(**changes: Any) -> Head:
    given: dict[str, Any] = {
        'domain': 'example.test', 'organisation': 'outside', 'report_id': '7',
        'begin': BEGIN, 'end': BEGIN + timedelta(days=1),
    }  # fmt: skip
    return Head(**{**given, **changes})


@pytest.mark.parametrize(
    'changes',
    [
        {'domain': 'Example.Test'},
        {'report_id': ''},
        {'end': BEGIN - timedelta(seconds=1)},
        {'end': BEGIN + LONGEST_SPAN + timedelta(seconds=1)},
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r'A report|Not a report'):
        head(**changes)


def test_the_day_is_the_one_in_the_middle() -> None:
    late = head(begin=BEGIN - timedelta(hours=2), end=BEGIN + timedelta(hours=22))
    assert late.day == BEGIN.date()


def test_it_comes_back_from_json() -> None:
    assert Head(**fields(head().to_json())) == head()


def test_a_text_of_a_strangers_becomes_one_short_line() -> None:
    assert clean(' a\r\n\x1b[1mb\u202e ') == 'a [1mb'
    assert clean('x' * 200) == 'x' * 100
