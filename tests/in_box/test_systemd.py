# SPDX-License-Identifier: AGPL-3.0-or-later
"""Jobs of systemd are awaited, many at once, and their results are systemd's own.

Runs as root inside the box, on units made for it in /run. systemd's own word is heard by GLib.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.config.state import Unit
from plinth.modules.email.errors import MailError
from plinth.modules.email.system import systemd
from plinth.modules.email.transaction import units

UNITS = Path('/run/systemd/system')
MARKS = Path('/run/freedombox-email-test')
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not UNITS.exists(), reason='needs root on a machine that runs systemd'
)

SLEEP = 'ExecStart=/bin/sleep infinity\n'
NO_RELOAD = ''
FALSE = 'ExecReload=/bin/false\n'
RELOAD = 'ExecReload=/bin/true\n'
KILLED = 'ExecReload=/bin/kill -KILL $MAINPID\n'
FAILS = 'ExecStart=/bin/sleep infinity\nExecStartPre=/bin/false\n'
ONCE = 'Type=oneshot\nExecStart=/bin/true\n'
ONCE_FAILS = 'Type=oneshot\nExecStart=/bin/false\n'
AGAIN = FAILS + 'Restart=always\nRestartSec=30\n'


def systemctl(*words: str) -> str:
    done = subprocess.run(['systemctl', *words], check=False, capture_output=True, text=True)
    return done.stdout.strip()


@contextmanager
def made(services: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Iterator[None]:
    """Services with these settings, by their names."""
    for name, text in services.items():
        header = (headers or {}).get(name, '')
        whole = f'[Unit]\n{header}StartLimitIntervalSec=0\n[Service]\n{text}'
        (UNITS / name).write_text(whole)
    systemctl('daemon-reload')
    try:
        yield
    finally:
        for name in services:
            (UNITS / name).unlink()
        systemctl('stop', *services)
        systemctl('reset-failed', *services)
        systemctl('daemon-reload')


def name(number: int) -> str:
    return f'freedombox-email-test-{number}.service'


# --- the result is systemd's own ----------------------------------------------------------


class Signals:
    """systemd's word on the end of jobs, heard by GLib in a thread of its own."""

    def __init__(self) -> None:
        from gi.repository import Gio, GLib

        self._context = GLib.MainContext.new()
        self._context.push_thread_default()
        self.results: dict[str, str] = {}
        address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM, None)
        flags = (
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        )
        self._bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        manager = ('org.freedesktop.systemd1.Manager', 'JobRemoved', '/org/freedesktop/systemd1')
        self._bus.signal_subscribe(
            'org.freedesktop.systemd1', *manager, None, Gio.DBusSignalFlags.NONE, self._hear
        )
        self._bus.call_sync(
            'org.freedesktop.systemd1', manager[2], manager[0], 'Subscribe', None, None,
            Gio.DBusCallFlags.NONE, 5000, None,
        )  # fmt: skip

    def _hear(self, *arguments: Any) -> None:
        _number, _job, unit, result = arguments[5].unpack()
        self.results[unit] = result

    def of(self, unit: str) -> str:
        """The last word on a unit."""
        deadline = time.monotonic() + 10
        while unit not in self.results and time.monotonic() < deadline:
            self._context.iteration(False)
            time.sleep(0.01)
        while self._context.iteration(False):
            pass
        return self.results[unit]

    def close(self) -> None:
        self._bus.close_sync(None)
        self._context.pop_thread_default()


@pytest.fixture(name='signals')
def fixture_signals() -> Iterator[Signals]:
    signals = Signals()
    yield signals
    signals.close()


@pytest.mark.parametrize(
    ('text', 'first', 'method', 'expected'),
    [
        (SLEEP, 'stop', 'StartUnit', 'done'),
        (SLEEP, 'start', 'StartUnit', 'done'),
        (SLEEP, 'start', 'StopUnit', 'done'),
        (SLEEP, 'stop', 'StopUnit', 'done'),
        (SLEEP, 'start', 'RestartUnit', 'done'),
        (SLEEP, 'stop', 'RestartUnit', 'done'),
        (SLEEP + NO_RELOAD, 'start', 'ReloadOrRestartUnit', 'done'),
        (SLEEP + RELOAD, 'start', 'ReloadOrRestartUnit', 'done'),
        (SLEEP + RELOAD, 'stop', 'ReloadOrRestartUnit', 'done'),
        (SLEEP + FALSE, 'start', 'ReloadOrRestartUnit', 'failed'),
        (FAILS, 'stop', 'StartUnit', 'failed'),
        (AGAIN, 'stop', 'StartUnit', 'failed'),
        (ONCE, 'stop', 'StartUnit', 'done'),
        (ONCE, 'stop', 'RestartUnit', 'done'),
        (ONCE + 'RemainAfterExit=yes\n', 'start', 'RestartUnit', 'done'),
        (ONCE_FAILS, 'stop', 'StartUnit', 'failed'),
    ],
)
def test_results_are_those_systemd_signals(
    signals: Signals, text: str, first: str, method: str, expected: str
) -> None:
    unit = name(1)
    with made({unit: text}):
        systemctl(first, unit)
        signals.of(unit)
        signals.results.clear()
        with systemd.connected() as manager:
            result = manager.job(method, unit)
        assert result == expected == signals.of(unit)


def test_a_start_whose_condition_does_not_hold_is_done(signals: Signals) -> None:
    unwanted = {name(1): 'ConditionPathExists=/no-such-path\n'}
    with made({name(1): SLEEP}, unwanted), systemd.connected() as manager:
        assert manager.job('StartUnit', name(1)) == 'done' == signals.of(name(1))
        assert not manager.states([name(1)])[name(1)].runs


def test_a_start_that_waits_for_one_that_fails_does_not_go_well(signals: Signals) -> None:
    needs = {name(1): f'Requires={name(2)}\nAfter={name(2)}\n'}
    with made({name(1): SLEEP, name(2): ONCE_FAILS}, needs):
        with systemd.connected() as manager:
            assert manager.job('StartUnit', name(1)) == 'failed'
        assert signals.of(name(1)) == 'dependency'


def test_a_job_that_makes_room_for_another_one(signals: Signals) -> None:
    slow = SLEEP + 'ExecStartPre=/bin/sleep 3\n'
    with made({name(1): slow}), ThreadPoolExecutor(1) as pool:
        job = pool.submit(_job, name(1), 'StartUnit')
        while not systemd.states([name(1)])[name(1)].is_coming:
            time.sleep(0.01)
        systemctl('stop', name(1))
        assert job.result() == 'failed'
        assert signals.results.get(name(1), 'done') in ('done', 'canceled')


def test_a_job_that_takes_too_long_is_left_to_itself() -> None:
    with made({name(1): SLEEP + 'ExecStartPre=/bin/sleep 5\n'}):
        began = time.monotonic()
        with systemd.connected() as manager:
            assert manager.job('StartUnit', name(1), 0.5) == 'too slow'
        assert time.monotonic() - began < 3


# --- ten at once --------------------------------------------------------------------------


def _job(unit: str, method: str) -> str:
    with systemd.connected() as manager:
        return manager.job(method, unit)


def test_ten_threads_hear_each_of_their_own_job() -> None:
    texts = (SLEEP + RELOAD, SLEEP + FALSE, ONCE, ONCE_FAILS, FAILS)
    wanted = ('done', 'failed', 'done', 'failed', 'failed')
    services = {name(number): texts[number % 5] for number in range(10)}
    expected = [wanted[number % 5] for number in range(10)]
    with made(services), ThreadPoolExecutor(10) as pool:
        systemctl('start', *(each for each, text in services.items() if text.startswith(SLEEP)))
        for _round in range(5):
            methods = ['ReloadOrRestartUnit'] * 10
            assert list(pool.map(_job, services, methods)) == expected


def test_ten_threads_at_one_unit() -> None:
    with made({name(1): SLEEP + RELOAD}), ThreadPoolExecutor(10) as pool:
        systemctl('start', name(1))
        for method in ('ReloadOrRestartUnit', 'RestartUnit'):
            assert set(pool.map(_job, [name(1)] * 10, [method] * 10)) == {'done'}


def test_ten_jobs_of_one_conversation_run_beside_each_other() -> None:
    services = {name(number): SLEEP + 'ExecStartPre=/bin/sleep 1\n' for number in range(10)}
    with made(services), systemd.connected() as manager:
        began = time.monotonic()
        assert manager.jobs(dict.fromkeys(services, 'StartUnit')) == dict.fromkeys(services, 'done')
        assert time.monotonic() - began < 8, 'one after the other they take ten seconds'
        assert all(state.runs for state in manager.states(services).values())


def test_states_are_told_while_systemd_reads_its_files_anew() -> None:
    def ask(_number: int) -> bool:
        return systemd.running(['dbus'])['dbus']

    with ThreadPoolExecutor(10) as pool:
        asked = pool.map(ask, range(100))
        for _again in range(3):
            systemctl('daemon-reload')
        assert all(asked)


# --- after a reload -----------------------------------------------------------------------

LATE = """
import os, signal, time
def end(*_):
    until = time.monotonic() + 0.5
    while time.monotonic() < until: pass
    os._exit(1)
signal.signal(signal.SIGHUP, end)
open('/run/freedombox-email-test/ready', 'w').close()
while True: signal.pause()
"""


def _follow(unit: str) -> tuple[bool, float]:
    """Have a unit follow a change; how long it took."""
    began = time.monotonic()
    with systemd.connected() as manager:
        done = units.follow(manager, Unit(unit, ()), changed=True)
    return done, time.monotonic() - began


def test_a_unit_that_is_at_rest_is_not_waited_for() -> None:
    with made({name(1): SLEEP + RELOAD}):
        systemctl('start', name(1))
        took = sorted(_follow(name(1))[1] for _again in range(5))
        print('A reload is followed in', took)
        assert took[2] < units.STAY_SECONDS / 2


@pytest.mark.parametrize('again', range(5))
def test_a_reload_that_ends_the_service_is_seen(again: int) -> None:  # noqa: ARG001
    with made({name(1): SLEEP + KILLED}):
        systemctl('start', name(1))
        with pytest.raises(MailError) as caught:
            _follow(name(1))
        assert caught.value.code in ('reload-failed', 'unit-failed')


def test_a_service_that_ends_while_it_takes_the_reload_up_is_seen() -> None:
    MARKS.mkdir(exist_ok=True)
    program, ready = MARKS / 'late.py', MARKS / 'ready'
    program.write_text(LATE)
    ready.unlink(missing_ok=True)
    text = f'ExecStart=/usr/bin/python3 {program}\nExecReload=/bin/kill -HUP $MAINPID\n'
    with made({name(1): text}):
        systemctl('start', name(1))
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with pytest.raises(MailError) as caught:
            _follow(name(1))
        assert caught.value.code == 'unit-failed'


# --- other requests -----------------------------------------------------------------------


def test_a_unit_is_switched_off() -> None:
    with made({name(1): SLEEP + '[Install]\nWantedBy=multi-user.target\n'}):
        systemctl('enable', '--runtime', '--now', name(1))
        link = Path('/etc/systemd/system/multi-user.target.wants', name(1))
        link.symlink_to(UNITS / name(1))
        systemd.disable(name(1), 'redis-kept')
        assert not link.is_symlink()
        assert systemctl('is-active', name(1)) == 'inactive'
        systemctl('disable', '--runtime', name(1))


def test_one_that_is_not_there_cannot_be_switched_off() -> None:
    with pytest.raises(MailError) as caught:
        systemd.disable('freedombox-email-no-such.service', 'redis-kept')
    assert caught.value.code == 'redis-kept'


def test_a_start_is_not_waited_for() -> None:
    with made({name(1): SLEEP + 'ExecStartPre=/bin/sleep 2\n'}):
        began = time.monotonic()
        systemd.start_some_time(name(1), 'not-started')
        assert time.monotonic() - began < 1
        assert systemd.states([name(1)])[name(1)].is_coming


def test_a_timer_takes_the_place_of_the_last_one_and_starts_the_service_of_its_name() -> None:
    unit = 'freedombox-email-test-1'
    MARKS.mkdir(exist_ok=True)
    mark = MARKS / 'went-off'
    mark.unlink(missing_ok=True)
    with made({name(1): f'Type=oneshot\nExecStart=/bin/touch {mark}\n'}):
        for seconds in (3600, 1800, 2):
            moment = datetime.now(UTC) + timedelta(seconds=seconds)
            with systemd.connected() as manager:
                calendar = f'{moment:%Y-%m-%d %H:%M:%S} UTC'
                assert manager.set_timer(unit, calendar, 5) == 'done'
        assert f'{moment:%H:%M:%S}' in systemctl('show', '-P', 'TimersCalendar', f'{unit}.timer')
        deadline = time.monotonic() + 10
        while not mark.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        while systemctl('is-active', f'{unit}.timer') == 'active':
            assert time.monotonic() < deadline
            time.sleep(0.05)
    mark.unlink()
