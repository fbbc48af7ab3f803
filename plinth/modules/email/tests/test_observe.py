# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looking at a box on which anything may be broken."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest

from .. import diagnosis, observe
from ..overview import PARTS, Directory, State, judge

QUEUE = {'waiting': 2, 'more': False, 'oldest': 0, 'reason': 'no route'}


@pytest.fixture(name='box', autouse=True)
def fixture_box(monkeypatch: pytest.MonkeyPatch) -> Mock:
    box = Mock(__name__='box')
    monkeypatch.setattr(observe, 'units', box.units)
    monkeypatch.setattr(observe, 'directory', box.directory)
    monkeypatch.setattr('plinth.modules.email.observe.privileged.overview_data', box.overview)
    monkeypatch.setattr('plinth.modules.email.observe.certificates.installed', box.installed)
    for name in ('units', 'directory', 'overview', 'installed'):
        getattr(box, name).__name__ = name
    box.units.return_value = {part.unit: True for part in PARTS}
    box.directory.return_value = Directory('a.org', ('a.org', 'box.local'), 1)
    box.overview.return_value = {'queue': QUEUE, 'room_mb': 5000, 'drift': []}
    box.installed.return_value = ()
    return box


def test_everything_is_gathered(box: Mock) -> None:
    seen = observe.look(True)
    assert seen.queue is not None
    assert seen.queue.oldest == datetime(1970, 1, 1, tzinfo=UTC)
    assert (seen.room_mb, seen.drift, seen.reachable) == (5000, (), True)
    box.installed.assert_called_once_with(['a.org'])


@pytest.mark.parametrize('broken', ['units', 'directory', 'overview', 'installed'])
def test_one_broken_part_never_hides_the_others(box: Mock, broken: str) -> None:
    getattr(box, broken).side_effect = RuntimeError('gone')
    seen = observe.look(True)
    assert judge(seen, datetime.now(UTC)).headline
    assert sum(value is None for value in (seen.units, seen.directory, seen.queue)) <= 1


def test_nothing_works_and_still_there_is_an_answer(box: Mock) -> None:
    for name in ('units', 'directory', 'overview', 'installed'):
        getattr(box, name).side_effect = OSError
    assert judge(observe.look(True), datetime.now(UTC)).state is State.BROKEN


def test_diagnostics_say_the_same(box: Mock) -> None:
    assert [check.check_id for check in diagnosis.checks(True)] == ['email-queue-old']
    box.overview.return_value = {'queue': None, 'room_mb': None}
    (check,) = diagnosis.checks(True)
    assert (check.check_id, check.result.value) == ('email-works', 'passed')
    box.units.side_effect = OSError
    assert [check.result.value for check in diagnosis.checks(True)] == ['error']


def test_a_finding_is_told_in_words(box: Mock) -> None:
    box.directory.side_effect = OSError
    texts: Any = [check.translated_description for check in diagnosis.checks(True)]
    assert any('does not answer' in text for text in texts)
