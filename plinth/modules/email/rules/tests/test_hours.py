# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sentence with which logins are refused outside of the hours of a mailbox."""

from datetime import datetime

import pytest

from plinth.modules.email.directory.guard import Guard
from plinth.modules.email.rules.hours import sentence_at

GUARD = Guard(hours=('1 15:00-19:00', '3 08:00-09:00'))


@pytest.mark.parametrize(
    ('day', 'hour', 'sentence'),
    [
        (30, 14, 'This mailbox is closed now. It opens on Monday at 15:00.'),
        (30, 15, ''),
        (30, 19, 'This mailbox is closed now. It opens on Wednesday at 08:00.'),
    ],
)
def test_the_sentence_says_when_it_opens(day: int, hour: int, sentence: str) -> None:
    assert sentence_at(GUARD, datetime(2026, 11, day, hour)) == sentence


def test_a_mailbox_without_hours_is_always_open() -> None:
    assert sentence_at(None, datetime(2026, 11, 30)) == ''
    assert sentence_at(Guard(), datetime(2026, 11, 30)) == ''
