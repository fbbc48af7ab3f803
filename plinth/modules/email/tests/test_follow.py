# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hearing of changes, with the timer fired by hand."""

import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock, call

import pytest
from freedombox.operation import OperationsManager

from .. import follow
from ..errors import MailError


class Timer:
    """A timer that never fires by itself."""

    started: list['Timer']

    def __init__(self, _seconds: float, function: Any) -> None:
        self.function = function
        self.cancelled = False
        self.daemon = False

    def start(self) -> None:
        Timer.started.append(self)

    def cancel(self) -> None:
        self.cancelled = True


class Operations:
    """FreedomBox's queue of operations, run by hand."""

    def __init__(self) -> None:
        self.waiting: dict[str, Any] = {}

    def new(self, name: str, _app: str, _title: str, work: Any, args: Any, **_more: Any) -> None:
        if name in self.waiting:
            raise KeyError(name)
        self.waiting[name] = lambda: work(*args)

    def run(self) -> None:
        waiting, self.waiting = self.waiting, {}
        for work in waiting.values():
            work()


@pytest.fixture(name='world', autouse=True)
def fixture_world(monkeypatch: pytest.MonkeyPatch) -> Mock:
    Timer.started = []
    world = Mock(names=['a.org'], known=['a.org', 'b.org'], operations=Operations())
    world.is_set_up.return_value = True
    monkeypatch.setattr(follow, '_pending', follow.Pending(all_loaded=True))
    monkeypatch.setattr('plinth.modules.email.follow.threading.Timer', Timer)
    monkeypatch.setattr('plinth.modules.email.follow.operation_module.manager', world.operations)
    monkeypatch.setattr('plinth.modules.email.follow.upkeep.is_set_up', world.is_set_up)
    monkeypatch.setattr('plinth.modules.email.follow.DomainName.list_names', lambda: world.names)
    monkeypatch.setattr(
        'plinth.modules.email.follow.upkeep.known_domains', lambda: (world.known, 'a.org')
    )
    monkeypatch.setattr('plinth.modules.email.follow.upkeep.apply', world.apply)
    monkeypatch.setattr('plinth.modules.email.follow.upkeep.users_changed', world.users_changed)
    monkeypatch.setattr('plinth.modules.email.follow.upkeep.follow_users', world.follow_users)
    return world


def fire(world: Mock) -> None:
    """Let the quiet time pass and the operations run."""
    for timer in Timer.started:
        if not timer.cancelled:
            timer.function()
    Timer.started = []
    world.operations.run()


def test_many_changes_are_followed_once(world: Mock) -> None:
    for name in ('c.org', 'd.org', 'e.org'):
        follow.on_domain_added('names', name=name)
    fire(world)
    assert world.apply.mock_calls == [call(set())]


@pytest.mark.parametrize(('verb', 'followed'), [('domain_add', True), ('alias_add', False)])
def test_daemons_follow_what_they_do_not_see(world: Mock, verb: str, followed: bool) -> None:
    follow.after(verb)
    fire(world)
    assert world.apply.called == followed


def test_a_new_user_changes_no_daemon(world: Mock) -> None:
    follow.on_user_changed('users')
    fire(world)
    assert world.follow_users.mock_calls == [call()]
    assert not world.apply.called


def test_logging_in_is_no_change(world: Mock) -> None:
    follow.on_user_changed('users', update_fields=frozenset({'last_login'}))
    fire(world)
    assert not world.follow_users.called


def test_a_removed_name_is_remembered_until_it_is_followed(world: Mock) -> None:
    world.apply.side_effect = OSError('no directory')
    follow.on_domain_removed('names', name='B.org')
    with pytest.raises(OSError, match='no directory'):
        fire(world)
    world.apply.side_effect = None
    follow.on_domain_added('names', name='c.org')
    fire(world)
    assert world.apply.mock_calls == [call({'b.org'}), call({'b.org'})]


def test_a_name_that_came_back_is_not_removed(world: Mock) -> None:
    follow.on_domain_removed('pagekite', name='b.org')
    follow.on_domain_added('pagekite', name='b.org')
    fire(world)
    assert world.apply.mock_calls == [call(set())]


def test_without_a_name_all_that_are_not_listed_were_removed(world: Mock) -> None:
    follow.on_domain_removed('pagekite')
    fire(world)
    assert world.apply.mock_calls == [call({'b.org'})]


def test_what_changes_during_a_run_gets_a_run_of_its_own(world: Mock) -> None:
    follow.request_all()
    for timer in Timer.started:
        timer.function()
    Timer.started = []
    follow.request_all()
    for timer in Timer.started:
        timer.function()
        timer.function()
    assert set(world.operations.waiting) == {'email-update', 'email-update-again'}


def test_nothing_is_done_before_all_apps_are_loaded(world: Mock) -> None:
    follow._pending.all_loaded = False
    follow.on_domain_added('names', name='a.org')
    assert not Timer.started
    follow.on_all_loaded('app')
    fire(world)
    assert world.apply.mock_calls == [call(set())]


def test_a_start_with_nothing_new_looks_at_users_only(world: Mock) -> None:
    follow.on_all_loaded('app')
    fire(world)
    assert not world.apply.called
    assert world.follow_users.called


def test_a_start_with_a_new_name_follows_it(world: Mock) -> None:
    world.names = ['a.org', 'new.org']
    follow.on_all_loaded('app')
    fire(world)
    assert world.apply.called


def test_an_app_that_is_not_installed_does_nothing(world: Mock) -> None:
    world.is_set_up.return_value = False
    follow.on_domain_added('names', name='c.org')
    follow.on_user_changed('users')
    follow.on_all_loaded('app')
    assert not Timer.started


def test_an_app_removed_in_between_does_nothing(world: Mock) -> None:
    follow.request_all()
    world.is_set_up.return_value = False
    fire(world)
    assert not world.apply.called


def test_a_failure_of_ours_stays_with_us(world: Mock, caplog: Any) -> None:
    world.is_set_up.side_effect = OSError('database')
    follow.on_domain_added('names', name='c.org')
    assert 'Cannot follow' in caplog.text


def test_one_repair_at_a_time(world: Mock, monkeypatch: Any) -> None:
    repair = Mock()
    monkeypatch.setattr('plinth.modules.email.follow.upkeep.repair', repair)
    follow.start_repair()
    follow.start_repair()
    world.operations.run()
    assert repair.call_count == 1


@pytest.mark.parametrize('changed', [True, False])
def test_users_changed_by_a_command_are_seen(world: Mock, changed: bool) -> None:
    world.users_changed.return_value = changed
    follow.look_at_users()
    fire(world)
    assert world.follow_users.called is changed


def test_a_silent_directory_is_looked_at_later(world: Mock) -> None:
    world.users_changed.side_effect = MailError('directory-down', 'It does not answer.')
    follow.look_at_users()
    assert not Timer.started


@pytest.mark.parametrize('ours', [True, False])
def test_a_click_waits_for_our_own_work_alone(ours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    operations, released, done = OperationsManager(), threading.Event(), threading.Event()
    monkeypatch.setattr('plinth.modules.email.follow.operation_module.manager', operations)

    def work() -> None:
        released.wait(10)
        done.set()

    for name in ('first', 'second'):
        operations.new(name, 'email', name, work, show_message=not ours)
    waiting = _started(follow.wait_for_own_work)
    waiting.join(0.2 if ours else 10)
    assert waiting.is_alive() == ours
    released.set()
    waiting.join(10)
    assert not waiting.is_alive()
    assert not ours or (done.is_set() and operations.filter('email') == [])


def test_a_click_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    operations, released = OperationsManager(), threading.Event()
    monkeypatch.setattr('plinth.modules.email.follow.operation_module.manager', operations)
    for name in ('first', 'second'):
        operations.new(name, 'email', name, lambda: released.wait(10), show_message=False)
    waiting = _started(lambda: follow.wait_for_own_work(0.1))
    waiting.join(5)
    released.set()
    assert not waiting.is_alive()


def _started(work: Callable[[], None]) -> threading.Thread:
    """Do something in a thread of its own."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread
