# SPDX-License-Identifier: AGPL-3.0-or-later
"""When people are warned of the end of an address, and what senders may be told after it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.ending import WARNINGS, already, check_farewell, due_warning
from plinth.modules.email.directory.entry import now
from plinth.modules.email.errors import MailError


@pytest.mark.parametrize(('days', 'warned', 'due'), [
    (20, 0, 0), (13.9, 0, 14), (13.9, 14, 0), (3, 14, 0), (1.9, 14, 2), (1.9, 0, 2), (1.9, 2, 0),
    (0.1, 2, 0), (-1, 0, 0), (-1, 14, 0),
])  # fmt: skip
def test_a_warning_is_due_once(days: float, warned: int, due: int) -> None:
    assert due_warning(now() + timedelta(days=days), warned) == due


def test_what_has_no_end_is_not_warned_of() -> None:
    assert due_warning(None, 0) == already(None) == 0


@given(st.floats(0.01, 400), st.floats(0.0, 1.0))
def test_no_warning_comes_twice_or_at_once(days: float, part: float) -> None:
    chosen = already(now() + timedelta(days=days))
    assert due_warning(now() + timedelta(days=days), chosen) == 0
    later = now() + timedelta(days=days * part + 0.001)
    first = due_warning(later, chosen)
    assert first in (0, *WARNINGS)
    assert due_warning(later, first or chosen) == 0


@pytest.mark.parametrize('text', ['x' * 201, 'two\nlines', 'a\0b', 'a\x1b[0m'])
def test_a_farewell_is_one_short_line(text: str) -> None:
    with pytest.raises(MailError):
        check_farewell(text)
