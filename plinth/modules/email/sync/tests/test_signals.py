# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hearing of changes, with the timer fired by hand."""

from typing import Any
from unittest.mock import Mock, call

import pytest

from ...errors import MailError
from .. import pending, signals, synchronize


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
    world.disk, world.regular = {}, ['a.org']
    world.is_set_up.return_value = True
    monkeypatch.setattr(signals, '_pending', pending.Pending(all_loaded=True))
    monkeypatch.setattr(pending, 'read', lambda key: world.disk.get(key))
    monkeypatch.setattr(pending, 'write', lambda key, value: world.disk.update({key: value}))
    monkeypatch.setattr(signals, '_regular', lambda: set(world.regular))
    monkeypatch.setattr('plinth.modules.email.sync.signals.threading.Timer', Timer)
    monkeypatch.setattr(
        'plinth.modules.email.sync.signals.operation_module.manager', world.operations
    )
    monkeypatch.setattr('plinth.modules.email.sync.signals.synchronize.is_set_up', world.is_set_up)
    monkeypatch.setattr(
        'plinth.modules.email.sync.signals.DomainName.list_names', lambda: world.names
    )
    monkeypatch.setattr(
        'plinth.modules.email.sync.signals.synchronize.known_domains',
        lambda: (world.known, 'a.org'),
    )
    monkeypatch.setattr(
        'plinth.modules.email.sync.signals.synchronize.client_hosts', lambda: frozenset()
    )
    monkeypatch.setattr('plinth.modules.email.sync.signals.synchronize.apply', world.apply)
    monkeypatch.setattr(signals, 'check_new_domains', world.check_new_domains)
    monkeypatch.setattr(
        'plinth.modules.email.sync.signals.synchronize.users_changed', world.users_changed
    )
    monkeypatch.setattr(
        'plinth.modules.email.sync.signals.synchronize.follow_users', world.follow_users
    )
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
        signals.on_domain_added('names', name=name)
    fire(world)
    assert world.apply.mock_calls == [call(set(), set())]
    assert world.check_new_domains.called, 'a new domain is checked at once'


def test_a_new_user_changes_no_daemon(world: Mock) -> None:
    signals.on_user_changed('users')
    fire(world)
    assert world.follow_users.mock_calls == [call()]
    assert not world.apply.called
    assert not world.check_new_domains.called


def test_logging_in_is_no_change(world: Mock) -> None:
    signals.on_user_changed('users', update_fields=frozenset({'last_login'}))
    fire(world)
    assert not world.follow_users.called


def test_a_removed_name_is_remembered_until_it_is_followed(world: Mock) -> None:
    world.apply.side_effect = OSError('no directory')
    signals.on_domain_removed('names', name='B.org')
    with pytest.raises(OSError, match='no directory'):
        fire(world)
    world.apply.side_effect = None
    signals.on_domain_added('names', name='c.org')
    fire(world)
    assert world.apply.mock_calls == [call({'b.org'}, set())] * 2


def restart(world: Mock) -> None:
    """Let the web interface end at once and start again, with all names in."""
    Timer.started, world.operations.waiting = [], {}
    signals._pending = pending.Pending()
    signals.on_all_loaded('app')


def test_a_removed_name_survives_a_restart(world: Mock) -> None:
    signals.on_domain_removed('names', name='b.org')
    restart(world)
    fire(world)
    assert world.apply.mock_calls == [call({'b.org'}, set())]
    world.known = ['a.org']
    restart(world)
    fire(world)
    assert world.apply.call_count == 1


def test_a_restart_while_it_is_followed_loses_nothing(world: Mock) -> None:
    world.apply.side_effect = SystemExit
    signals.on_domain_removed('names', name='b.org')
    with pytest.raises(SystemExit):
        fire(world)
    world.apply.side_effect = None
    restart(world)
    fire(world)
    assert world.apply.mock_calls == [call({'b.org'}, set())] * 2


def test_who_changed_a_domain_survives_a_restart(world: Mock) -> None:
    signals.request_all('alice')
    restart(world)
    signals.request_all('bob')
    fire(world)
    assert world.apply.mock_calls == [call(set(), {'alice', 'bob'})]


def test_a_name_removed_unheard_is_missed_at_the_next_start(world: Mock) -> None:
    world.names, world.regular = ['a.org', 'b.org'], ['a.org', 'b.org']
    restart(world)
    fire(world)
    world.names, world.regular = ['a.org'], ['a.org']
    restart(world)
    fire(world)
    assert world.apply.mock_calls == [call({'b.org'}, set())]


def test_a_regular_name_that_another_app_provides_now_stays(world: Mock) -> None:
    world.names, world.regular = ['a.org', 'b.org'], ['a.org', 'b.org']
    restart(world)
    fire(world)
    world.regular = ['a.org']
    restart(world)
    fire(world)
    assert not world.apply.called


def test_an_empty_list_is_not_believed(world: Mock, caplog: Any) -> None:
    restart(world)
    fire(world)
    for world.names, world.regular in (([], []), (['a.org'], ['a.org'])):
        restart(world)
        fire(world)
    assert 'mail keeps all of them' in caplog.text
    assert not world.apply.called


def test_names_of_other_apps_that_are_not_in_yet_are_kept(world: Mock) -> None:
    world.names, world.known = ['a.org', 'x.onion'], ['a.org', 'x.onion']
    restart(world)
    fire(world)
    world.names = ['a.org']
    restart(world)
    fire(world)
    assert not world.apply.called


def test_what_failed_is_tried_again(world: Mock) -> None:
    world.apply.side_effect = MailError('busy', 'Another change runs.')
    signals.on_domain_removed('names', name='b.org')
    with pytest.raises(MailError):
        fire(world)
    world.apply.side_effect, world.users_changed.return_value = None, False
    signals.look_at_users()
    fire(world)
    assert world.apply.call_count == 2


def test_a_database_that_is_full_delays_nothing(world: Mock, monkeypatch: Any) -> None:
    monkeypatch.setattr(pending, 'write', Mock(side_effect=OSError('full')))
    signals.on_domain_removed('names', name='b.org')
    fire(world)
    assert world.apply.mock_calls == [call({'b.org'}, set())]


def test_a_name_that_came_back_is_not_removed(world: Mock) -> None:
    signals.on_domain_removed('pagekite', name='b.org')
    signals.on_domain_added('pagekite', name='b.org')
    fire(world)
    assert world.apply.mock_calls == [call(set(), set())]


def test_without_a_name_all_that_are_not_listed_were_removed(world: Mock) -> None:
    signals.on_domain_removed('pagekite')
    fire(world)
    assert world.apply.mock_calls == [call({'b.org'}, set())]


def test_what_changes_during_a_run_gets_a_run_of_its_own(world: Mock) -> None:
    signals.request_all()
    for timer in Timer.started:
        timer.function()
    Timer.started = []
    signals.request_all()
    for timer in Timer.started:
        timer.function()
        timer.function()
    assert set(world.operations.waiting) == {'email-update', 'email-update-again'}


def test_nothing_is_done_before_all_apps_are_loaded(world: Mock) -> None:
    signals._pending.all_loaded = False
    signals.on_domain_added('names', name='a.org')
    assert not Timer.started
    signals.on_all_loaded('app')
    fire(world)
    assert world.apply.mock_calls == [call(set(), set())]


def test_a_start_with_nothing_new_looks_at_users_only(world: Mock) -> None:
    signals.on_all_loaded('app')
    fire(world)
    assert not world.apply.called
    assert world.follow_users.called


def test_a_start_with_a_new_name_follows_it(world: Mock) -> None:
    world.names = ['a.org', 'new.org']
    signals.on_all_loaded('app')
    fire(world)
    assert world.apply.called


def test_an_app_that_is_not_installed_does_nothing(world: Mock) -> None:
    world.is_set_up.return_value = False
    signals.on_domain_added('names', name='c.org')
    signals.on_user_changed('users')
    signals.on_all_loaded('app')
    assert not Timer.started


def test_an_app_removed_in_between_does_nothing(world: Mock) -> None:
    signals.request_all()
    world.is_set_up.return_value = False
    fire(world)
    assert not world.apply.called


def test_a_failure_of_ours_stays_with_us(world: Mock, caplog: Any) -> None:
    world.is_set_up.side_effect = OSError('database')
    signals.on_domain_added('names', name='c.org')
    assert 'Cannot follow' in caplog.text


def test_one_repair_at_a_time(world: Mock, monkeypatch: Any) -> None:
    repair = Mock()
    monkeypatch.setattr('plinth.modules.email.sync.signals.synchronize.repair', repair)
    signals.start_repair('admin')
    signals.start_repair('admin')
    world.operations.run()
    repair.assert_called_once_with({'admin'})


def test_settings_are_released_for_someone(world: Mock, monkeypatch: Any) -> None:
    release = Mock()
    monkeypatch.setattr('plinth.modules.email.sync.signals.synchronize.release', release)
    signals.start_release('admin')
    world.operations.run()
    release.assert_called_once_with({'admin'})


@pytest.mark.parametrize('changed', [True, False])
def test_users_changed_by_a_command_are_seen(world: Mock, changed: bool) -> None:
    world.users_changed.return_value = changed
    signals.look_at_users()
    fire(world)
    assert world.follow_users.called is changed


def test_a_silent_directory_is_looked_at_later(world: Mock) -> None:
    world.users_changed.side_effect = MailError('directory-down', 'It does not answer.')
    signals.look_at_users()
    assert not Timer.started


@pytest.mark.parametrize(('on', 'is_on'), [(True, True), (True, False), (False, True)])
def test_the_switch_waits_its_turn_and_keeps_no_click(
    world: Mock, monkeypatch: pytest.MonkeyPatch, on: bool, is_on: bool
) -> None:
    app = Mock()
    app.is_enabled.return_value = is_on
    monkeypatch.setattr(
        'plinth.modules.email.sync.synchronize.app_module.App.get', lambda _name: app
    )
    monkeypatch.setattr(synchronize, 'show_progress', lambda _text: None)
    signals.start_switch(on)
    assert not app.mock_calls, 'the click did the work'
    world.operations.run()
    assert app.enable.called == (on and not is_on)
    assert app.disable.called == (is_on and not on)
