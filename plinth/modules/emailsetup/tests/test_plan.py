# SPDX-License-Identifier: AGPL-3.0-or-later
"""Carrying the answer out, with FreedomBox replaced by notes."""

from typing import Any
from unittest.mock import Mock

import pytest
from freedombox.app import App

from .. import plan
from ..plan import SetupTime

SetupState = App.SetupState


class KeyValues(dict[str, Any]):
    """FreedomBox's key/value store."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value

    def get_default(self, key: str, default: Any) -> Any:
        return self.get(key, default)

    def delete(self, key: str, ignore_missing: bool = False) -> None:
        assert ignore_missing
        self.pop(key, None)


@pytest.fixture(name='box', autouse=True)
def fixture_box(monkeypatch: pytest.MonkeyPatch) -> Mock:
    box = Mock(clock=1000.0, names=['box.local'])
    box.store = KeyValues()
    box.app.get_setup_state.return_value = SetupState.NEEDS_SETUP
    box.operation.manager.filter.return_value = []
    box.first_boot.is_completed.return_value = True
    box.setup.is_first_setup_running = False
    for name in ('setup', 'first_boot', 'operation'):
        monkeypatch.setattr(plan, name, getattr(box, name))
    monkeypatch.setattr(plan, 'names', box.names_module)
    monkeypatch.setattr(plan, 'kvstore', box.store)
    monkeypatch.setattr(plan, 'Notification', box.notification)
    monkeypatch.setattr(plan, 'domain_added', box.domain_added)
    monkeypatch.setattr(plan, '_tried_at', None)
    monkeypatch.setattr(plan, '_update_started', False)
    monkeypatch.setattr('plinth.modules.emailsetup.plan.time.monotonic', lambda: box.clock)
    monkeypatch.setattr(
        'plinth.modules.emailsetup.plan.app_module.App.get', Mock(return_value=box.app)
    )
    monkeypatch.setattr('plinth.modules.emailsetup.plan.DomainName.list_names', lambda: box.names)
    return box


def installs(box: Mock) -> int:
    """How often an installation was started."""
    return int(box.setup.run_setup_on_app.call_count)


def test_now_adds_the_domain_and_installs(box: Mock) -> None:
    plan.remember(SetupTime.NOW, 'example.org')
    box.names_module.domain_add.assert_called_once_with('example.org')
    assert box.domain_added.send_robust.call_args.kwargs['name'] == 'example.org'
    plan.carry_on()
    box.setup.run_setup_on_app.assert_called_once_with('email')


def test_a_domain_the_box_has_is_not_added_again(box: Mock) -> None:
    box.names = ['example.org']
    plan.remember(SetupTime.NOW, 'example.org')
    assert not box.names_module.domain_add.called


def test_later_reminds(box: Mock) -> None:
    plan.remember(SetupTime.LATER, '')
    note = box.notification.update_or_create.call_args.kwargs
    assert (note['group'], note['actions'][0]['url']) == ('admin', 'email:index')
    plan.carry_on()
    assert not installs(box)


def test_never_does_nothing(box: Mock) -> None:
    plan.remember(SetupTime.NEVER, '')
    plan.carry_on()
    assert not box.notification.update_or_create.called
    assert not installs(box)


def test_without_an_answer_nothing_happens(box: Mock) -> None:
    plan.carry_on()
    assert not installs(box)


@pytest.mark.parametrize('what', ['first boot', 'first setup', 'operation'])
def test_it_waits_until_the_box_has_time(box: Mock, what: str) -> None:
    plan.remember(SetupTime.NOW, 'example.org')
    if what == 'first boot':
        box.first_boot.is_completed.return_value = False
    elif what == 'first setup':
        box.setup.is_first_setup_running = True
    else:
        box.operation.manager.filter.return_value = [Mock(state='running')]
    plan.carry_on()
    assert not installs(box)


def test_a_failed_try_is_repeated_after_a_pause_and_not_for_ever(box: Mock) -> None:
    plan.remember(SetupTime.NOW, 'example.org')
    for _ in range(20):
        plan.carry_on()
        plan.carry_on()
        box.clock += plan.PAUSE_SECONDS
    assert installs(box) == plan.MOST_TRIES
    assert box.store[plan.ANSWER_KEY] == 'later'
    assert box.notification.update_or_create.called


def test_a_restart_in_between_tries_again_at_once(box: Mock, monkeypatch: Any) -> None:
    plan.remember(SetupTime.NOW, 'example.org')
    plan.carry_on()
    monkeypatch.setattr(plan, '_tried_at', None)
    plan.carry_on()
    assert installs(box) == 2


def test_the_plan_is_forgotten_when_it_is_done(box: Mock) -> None:
    plan.remember(SetupTime.NOW, 'example.org')
    box.app.get_setup_state.return_value = SetupState.UP_TO_DATE
    plan.carry_on()
    assert box.store == {plan.DOMAIN_KEY: 'example.org'}


def test_the_built_in_app_is_updated_once(box: Mock) -> None:
    box.app.get_setup_state.return_value = SetupState.NEEDS_UPDATE
    box.setup.is_first_setup_running = True
    plan.carry_on()
    assert not installs(box)
    box.setup.is_first_setup_running = False
    plan.carry_on()
    plan.carry_on()
    assert installs(box) == 1
