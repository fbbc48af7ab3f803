# SPDX-License-Identifier: AGPL-3.0-or-later
"""Imports from a page: once each, and never another person's file."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from ...directory.verbs.bulk import ChangeSummary, ImportSummary
from ...errors import MailError, Reason
from ...system import uploads
from ...views import transfer as views
from .. import imports
from ..imports import Outcome, Upload

DONE = ImportSummary(2, 0, {'alias': 2}, (), 0, ())


class World:
    """Operations run by hand, and a root that says what it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []
        self.root = Mock()
        self.root.site_apply.return_value = DONE.to_json()

    def start_import(self, work: Callable[[], None]) -> bool:
        if self.waiting:
            return False
        self.waiting.append(work)
        return True

    def run(self) -> None:
        self.waiting.pop()()


@pytest.fixture(name='world', autouse=True)
def fixture_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(uploads, 'FOLDER', tmp_path)
    monkeypatch.setattr(uploads, '_owner', os.getuid)
    monkeypatch.setattr(imports, 'privileged', world.root)
    monkeypatch.setattr(
        'plinth.modules.email.operations.imports.signals.start_import', world.start_import
    )
    monkeypatch.setattr(
        'plinth.modules.email.operations.imports.signals.is_importing', lambda: bool(world.waiting)
    )
    imports._outcomes.clear()
    return world


def chosen(title: str = 'aliases.csv') -> tuple[Mock, Upload]:
    """A request of a person who has chosen a file, and the file."""
    request = Mock(session={})
    imports.hold(request, title, 'text')
    return request, imports.held(request)


@pytest.mark.parametrize(
    ('title', 'kind'), [('a.csv', 'csv'), ('a.YAML', 'yaml'), ('a.yml', 'yaml'), ('a', 'csv')]
)
def test_the_name_tells_the_form(title: str, kind: str) -> None:
    assert chosen(title)[1].kind == kind


def test_a_session_cannot_name_another_form() -> None:
    with pytest.raises(MailError):
        Upload('x', 'python', 'x')  # type: ignore[arg-type]


def test_without_a_file_there_is_nothing_to_import() -> None:
    with pytest.raises(MailError) as caught:
        imports.held(Mock(session={}))
    assert caught.value.code == 'upload-missing'


def test_another_file_takes_the_place_of_the_first() -> None:
    request, first = chosen()
    imports.hold(request, 'b.csv', 'other')
    assert uploads.take(imports.held(request).name) == 'other'
    with pytest.raises(MailError):
        uploads.take(first.name)


def test_an_import_is_done_once_however_often_it_is_asked_for(world: World) -> None:
    request, upload = chosen()
    for _ in range(2):
        imports.start(upload, 'mark', 'admin')
    assert imports.is_begun(request)
    assert imports.outcome(upload) is None
    world.run()
    imports.start(upload, 'mark', 'admin')
    assert not world.waiting
    world.root.site_apply.assert_called_once_with('csv', upload.name, 'mark', _log_error=False)
    assert imports.outcome(upload) == Outcome(DONE)
    with pytest.raises(MailError):
        uploads.take(upload.name)


def test_two_at_the_same_time_are_refused(world: World) -> None:
    imports.start(chosen()[1], 'mark', 'admin')
    with pytest.raises(MailError) as caught:
        imports.start(chosen()[1], 'mark', 'admin')
    assert caught.value.code == 'import-running'
    world.run()


def test_a_file_that_waits_for_its_turn_is_kept(world: World) -> None:
    request, upload = chosen()
    imports.start(upload, 'mark', 'admin')
    imports.hold(request, 'b.csv', 'other')
    assert uploads.take(upload.name) == 'text'
    world.run()


def test_a_refusal_can_be_tried_again(world: World) -> None:
    world.root.site_apply.side_effect = MailError('entry-changed.other')
    upload = chosen()[1]
    imports.start(upload, 'mark', 'admin')
    world.run()
    assert imports.outcome(upload) == Outcome(problem=Reason('entry-changed.other'))
    assert uploads.take(upload.name) == 'text'
    imports.retry(upload)
    imports.start(upload, 'mark', 'admin')
    assert world.waiting


def test_a_failure_no_one_expected_is_told_and_logged(world: World) -> None:
    world.root.site_apply.side_effect = ConnectionError
    upload = chosen()[1]
    imports.start(upload, 'mark', 'admin')
    with pytest.raises(ConnectionError):
        world.run()
    assert imports.outcome(upload) == Outcome(problem=Reason('import-failed'))


@pytest.mark.parametrize(('kinds', 'follows'), [({'alias': 1}, False), ({'domain': 1}, True)])
def test_the_mail_services_follow_domains(world: World, kinds: Any, follows: bool) -> None:
    world.root.site_apply.return_value = replace(DONE, kinds=kinds).to_json()
    world.root.setup.side_effect = MailError('reload-failed', unit='Postfix')
    upload = chosen()[1]
    imports.start(upload, 'mark', 'admin')
    world.run()
    outcome = imports.outcome(upload)
    assert outcome is not None
    assert outcome.done
    assert world.root.setup.called is follows
    assert ('Postfix could not load' in str(outcome.problem)) is follows


def test_outcomes_no_one_asks_for_are_forgotten(world: World) -> None:
    for _ in range(60):
        imports.start(chosen()[1], 'mark', 'admin')
        world.run()
    assert len(imports._outcomes) == 50


def test_a_change_is_short_however_long_its_values_are() -> None:
    shown = views.shown_change(
        ChangeSummary.from_json(
            {
                'verb': 'change',
                'kind': 'mailbox',
                'key': 'a@b.test',
                'password': True,
                'differences': {
                    'destinations': [['x@b.test'] * 500, []],
                    'note': ['', 'n' * 500],
                    'enabled': [True, False],
                    'owner_id': ['1', '2'],
                    'ended': [False, True],
                },
            }
        )
    )
    values = [(field.before, field.after) for field in shown.fields]
    assert values[0] == ('x@b.test, x@b.test, x@b.test and 497 more', '(empty)')
    assert (values[1][0], len(values[1][1])) == ('(empty)', 120)
    assert values[2:] == [('yes', 'no'), ('', 'changed')]


def test_of_a_new_entry_only_what_is_unusual_is_shown() -> None:
    shown = views.shown_change(
        ChangeSummary.from_json(
            {
                'verb': 'add',
                'kind': 'alias',
                'key': 'a@b.test',
                'password': False,
                'differences': {'destinations': [None, ['x@b.test']], 'enabled': [None, True]},
            }
        )
    )
    assert [(field.before, field.after) for field in shown.fields] == [('', 'x@b.test')]
