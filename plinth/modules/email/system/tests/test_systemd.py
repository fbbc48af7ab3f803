# SPDX-License-Identifier: AGPL-3.0-or-later
"""Units as a user without rights sees them, ten threads at once; results of jobs."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import dbus.connection
import pytest
from dbus.mainloop import NULL_MAIN_LOOP

from ...errors import MailError
from .. import systemd
from ..systemd import Trace

HERE = 'dbus.service'
NOWHERE = 'freedombox-email-no-such.service'
BEFORE = Trace('active', 10, 10, b'one', 'success', 0)
STARTED = replace(BEFORE, moved=20, entered=20, start=b'two')
UNWANTED = replace(BEFORE, active='inactive', unwanted=5)
pytestmark = pytest.mark.skipif(
    not Path('/run/systemd/system').exists(), reason='needs a machine that runs systemd'
)


@pytest.mark.parametrize(
    ('kind', 'before', 'after', 'result'),
    [
        ('stop', BEFORE, replace(BEFORE, active='inactive'), 'done'),
        ('stop', BEFORE, replace(BEFORE, active='failed'), 'done'),
        ('stop', BEFORE, BEFORE, 'failed'),
        ('reload', BEFORE, replace(BEFORE, moved=20), 'done'),
        ('reload', BEFORE, replace(BEFORE, moved=20, reload='exit-code'), 'failed'),
        ('reload', BEFORE, replace(BEFORE, moved=20, active='failed'), 'done'),
        ('reload', BEFORE, BEFORE, 'canceled'),
        ('reload', BEFORE, STARTED, 'failed'),
        ('start', BEFORE, BEFORE, 'done'),
        ('start', replace(BEFORE, active='inactive'), STARTED, 'done'),
        ('start', replace(BEFORE, active='failed'), replace(STARTED, active='failed'), 'done'),
        ('restart', BEFORE, STARTED, 'done'),
        ('restart', BEFORE, BEFORE, 'failed'),
        ('restart', BEFORE, replace(BEFORE, start=b'two', active='failed'), 'failed'),
        ('restart', BEFORE, replace(BEFORE, start=b'two', active='activating'), 'failed'),
        ('restart', BEFORE, replace(BEFORE, start=b'two', active='inactive'), 'done'),
        ('start', replace(BEFORE, active='inactive'), replace(BEFORE, active='inactive'), 'failed'),
        ('start', BEFORE, replace(BEFORE, active='inactive', unwanted=20), 'done'),
        ('start', UNWANTED, UNWANTED, 'failed'),
    ],
)
def test_the_result_of_a_job_shows_at_its_unit(
    kind: str, before: Trace, after: Trace, result: str
) -> None:
    assert systemd.result(kind, before, after) == result


def _ten(act: Callable[[int], Any], times: int = 100) -> list[Any]:
    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(act, range(times)))


def test_ten_threads_ask_at_once() -> None:
    def ask(_number: int) -> tuple[dict[str, bool], bool]:
        return systemd.running((HERE, NOWHERE)), systemd.starts_at_boot(NOWHERE)

    assert _ten(ask) == [({HERE: True, NOWHERE: False}, False)] * 100


def test_ten_conversations_at_once_are_answered_each_its_own() -> None:
    units = ('dbus.service', 'dbus.socket', '-.mount', 'init.scope', NOWHERE)

    def ask(number: int) -> tuple[str, str]:
        unit = units[number % len(units)]
        with systemd.connected() as manager:
            return unit, manager.properties(unit)['Id']

    answers = _ten(ask)
    assert all(unit == answer for unit, answer in answers)


def test_names_are_answered_as_they_were_given() -> None:
    assert systemd.running(['dbus', HERE, 'dbus.socket']) == {
        'dbus': True, HERE: True, 'dbus.socket': True,
    }  # fmt: skip
    state = systemd.states([NOWHERE])[NOWHERE]
    assert (state.load, state.active, state.is_coming) == ('not-found', 'inactive', False)
    assert not systemd.is_coming(HERE, 5)


def test_what_is_told_is_of_pythons_own_kinds() -> None:
    with systemd.connected() as manager:
        told = manager.properties(HERE)
    kinds = {type(value) for value in told.values()}
    assert kinds <= {str, int, bool, float, bytes, list, tuple, dict}
    assert type(told['CanStart']) is bool
    assert len(told['InvocationID']) == 16
    assert told['MainPID'] > 0, 'properties of its kind are among them'


def test_a_user_without_rights_gets_no_job_done() -> None:
    with pytest.raises(MailError) as caught:
        systemd.start_some_time(HERE, 'not-started')
    assert caught.value.code == 'not-started'
    assert caught.value.detail
    with pytest.raises(MailError) as caught:
        systemd.disable(HERE, 'redis-kept')
    assert caught.value.code == 'redis-kept'


def test_a_bus_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MailError) as caught, systemd.connected(bus=f'{tmp_path}/none'):
        pass
    assert caught.value.code == 'systemd-silent'


def test_a_bus_that_is_silent_ends_in_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / 'bus'))
        server.listen()
        began = time.monotonic()
        with pytest.raises(MailError) as caught, systemd.connected(0.5, bus=f'{tmp_path}/bus'):
            pass
    assert caught.value.code == 'systemd-silent'
    assert time.monotonic() - began < 5


def test_no_signal_is_heard_without_a_main_loop() -> None:
    """Why the end of a job is looked for: signals reach this connection, and stay there."""
    address = f'unix:path={systemd.SYSTEM_BUS}'
    bus = dbus.connection.Connection(address, mainloop=NULL_MAIN_LOOP)
    us = ('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus')
    heard: list[Any] = []
    try:
        bus.add_message_filter(lambda _bus, message: heard.append(message.get_member()))
        bus.call_blocking(*us, 'Hello', '', ())  # the bus answers, and signals NameAcquired
        for _again in range(20):
            bus.call_blocking(*us, 'GetId', '', ())
        assert heard == []
        assert not hasattr(bus, 'dispatch')
    finally:
        bus.close()
