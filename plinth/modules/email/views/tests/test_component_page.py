# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page Components: states, room and progress in words."""

import pytest

from plinth.modules.email.errors import Reason
from plinth.modules.email.maintenance.component_setup import ComponentProgress, ComponentState
from plinth.modules.email.operations.component_work import ComponentAttempt
from plinth.modules.email.system.free_room import Room
from plinth.modules.email.views import component_page

NAME = 'antivirus'
PLENTY = Room(100_000, 100_000)


@pytest.mark.parametrize(
    ('installed', 'runs', 'word'),
    [(False, None, 'Not installed'), (True, True, 'Works'), (True, False, 'Down')],
)
def test_a_state_is_one_word(installed: bool, runs: bool | None, word: str) -> None:
    found = component_page.of_state(ComponentState(NAME, installed, runs))
    assert str(found.word) == word


def test_a_box_that_is_too_small_is_told_with_numbers() -> None:
    shown = component_page.shown_component(ComponentState(NAME, False), Room(512, 100_000))
    assert '1400 MB' in str(shown.lacks)
    assert '512 MB' in str(shown.lacks)


def test_what_is_installed_can_always_be_removed() -> None:
    shown = component_page.shown_component(ComponentState(NAME, True, True), Room(0, 0))
    assert not shown.lacks


@pytest.mark.parametrize(
    ('progress', 'words'),
    [
        (ComponentProgress(), 'Waiting'),
        (ComponentProgress('download', 40), '(40 %)'),
        (ComponentProgress('signatures', 0), 'Downloading virus signatures'),
        (ComponentProgress('<b>', 0), 'Waiting'),
    ],
)
def test_a_step_is_a_sentence(progress: ComponentProgress, words: str) -> None:
    assert words in str(component_page.step_text(progress))


def test_only_work_that_ended_well_is_told_as_done() -> None:
    assert 'is installed' in str(component_page.ended(ComponentAttempt(NAME, True, True)))
    assert 'is removed' in str(component_page.ended(ComponentAttempt(NAME, False, True)))
    failed = ComponentAttempt(NAME, True, True, Reason('component-silent'))
    assert not any(map(component_page.ended, (None, ComponentAttempt(NAME, True), failed)))
