# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications of warnings and of solved problems, and the message by mail."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest

from plinth.modules.email.health import announce, health_message, health_notice, since
from plinth.modules.email.health.since import Standings
from plinth.modules.email.status import State

from .test_since import START, one

WARNING = replace(one('wll'), told=State.LOOK, told_at=START)
SOLVED = replace(one('w'), solved=START, told=State.WORKS)


def test_only_told_warnings_are_shown() -> None:
    assert health_notice.warnings([WARNING, replace(WARNING, told_at=None), SOLVED]) == [WARNING]


def test_a_solved_problem_is_shown_for_a_day() -> None:
    now = START + timedelta(hours=23)
    assert health_notice.solved([WARNING, SOLVED], now) == [SOLVED]
    assert health_notice.solved([SOLVED], now + timedelta(hours=2)) == []


def test_they_are_made_of_the_last_look(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Mock()
    monkeypatch.setattr(announce, 'show', shown)
    monkeypatch.setattr(announce, 'shown', lambda _prefix: {})
    monkeypatch.setattr(since, 'kept', lambda: Standings(START, '', (WARNING,)))
    health_notice.follow()
    (warnings, solved) = shown.call_args_list
    assert (warnings.args[0], warnings.args[1] != '') == (health_notice.WARNINGS, True)
    assert (solved.args[0], solved.args[1]) == (health_notice.SOLVED, '')


def test_the_message_names_what_broke_and_what_is_solved() -> None:
    zone = START.tzinfo
    assert zone
    subject, text = health_message.compose([WARNING, SOLVED], zone)
    assert subject == '[FreedomBox] Only 5 MB of disk space left'
    assert '2026-01-01 00:01' in text
    assert 'Solved:' in text
    subject, text = health_message.compose([SOLVED], zone)
    assert subject == '[FreedomBox] Solved: Disk space'
    assert 'problems are solved' in text
