# SPDX-License-Identifier: AGPL-3.0-or-later
"""Conversations with systemd over D-Bus: states of units, and jobs whose end is awaited.

Each conversation has a connection of its own that ends with its block, so threads share nothing,
and none of its calls takes longer than it allows. Everyone may ask for states, and an answer
takes a millisecond where starting `systemctl` takes ten; jobs are root's.

dbus-python hands signals to a main loop only, and GLib's is one for a whole process: systemd's
word on the end of a job cannot be heard here. So its end is seen at its unit, and its result in
what the unit went through meanwhile; see doc/systemd.md.

DIAGNOSTICS
    systemd-silent  systemd itself does not answer, or not in time
"""

import os
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from ..errors import MailError

SYSTEM_BUS = '/run/dbus/system_bus_socket'
CALL_SECONDS = 25.0
PAGE_SECONDS = 3.0
"""Those who only ask for states wait no longer: pages, and programs that others wait for."""
JOB_SECONDS = 120.0
"""Longer than systemd itself waits (90 s) before it kills a unit that does not stop."""
DONE = 'done'
TOO_SLOW = 'too slow'
ENABLED = frozenset({'enabled', 'enabled-runtime', 'linked', 'generated', 'alias'})
RUNNING = frozenset({'active', 'reloading', 'refreshing'})
STOPPED = frozenset({'inactive', 'failed'})
_BUS = ('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus')
_MANAGER = (
    'org.freedesktop.systemd1',
    '/org/freedesktop/systemd1',
    'org.freedesktop.systemd1.Manager',
)
_UNIT = 'org.freedesktop.systemd1.Unit'
_PROPERTIES = 'org.freedesktop.DBus.Properties'
_NO_SUCH_UNIT = 'org.freedesktop.systemd1.NoSuchUnit'
_UNIT_EXISTS = 'org.freedesktop.systemd1.UnitExists'
_NO_SUCH_FILE = 'org.freedesktop.DBus.Error.FileNotFound'
_KINDS = {
    'StartUnit': 'start',
    'StopUnit': 'stop',
    'RestartUnit': 'restart',
    'ReloadOrRestartUnit': 'reload-or-restart',
}
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class UnitState:
    """The state of a unit."""

    load: str
    active: str
    has_job: bool

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        return self.active in RUNNING

    @property
    def is_coming(self) -> bool:
        """Whether systemd starts it just now, or is about to."""
        return self.active == 'activating' or self.has_job


@dataclass(frozen=True)
class Trace:
    """The traces jobs leave at their unit."""

    active: str
    moved: int
    """When its state changed last."""
    entered: int
    """When it became active last."""
    start: bytes
    """The name systemd gave to its last start."""
    reload: str
    """The result of its last reload, '' where it has none."""
    unwanted: int
    """When the conditions for its last start did not hold, 0 if they did."""

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> Self:
        """The traces among the properties of a unit."""
        return cls(
            properties['ActiveState'],
            properties['StateChangeTimestampMonotonic'],
            properties['ActiveEnterTimestampMonotonic'],
            properties['InvocationID'],
            properties.get('ReloadResult', ''),
            0 if properties['ConditionResult'] else properties['ConditionTimestampMonotonic'],
        )


_FRESH = Trace('inactive', 0, 0, b'', '', 0)


@dataclass(frozen=True)
class _Job:
    """A job that is awaited."""

    unit: str
    path: str
    kind: str
    before: Trace


def result(kind: str, before: Trace, after: Trace) -> str:
    """The result of a job that is over, by the traces at its unit."""
    if kind == 'stop':
        return DONE if after.active in STOPPED else 'failed'
    if kind == 'reload':
        return _reload_result(before, after)
    return DONE if _has_started(kind, before, after) else 'failed'


def _reload_result(before: Trace, after: Trace) -> str:
    """The result of a reload: it ran, it went well, and it is still the same program."""
    if after.moved == before.moved:
        return 'canceled'
    if after.start != before.start or after.reload != 'success':
        return 'failed'
    return DONE


def _has_started(kind: str, before: Trace, after: Trace) -> bool:
    """Whether a start went well, as systemd sees it: a program that ended well was started too."""
    if after.entered != before.entered or after.unwanted not in (0, before.unwanted):
        return True
    if after.start == before.start:
        return kind == 'start' and after.active in RUNNING  # it ran already
    return after.active == 'inactive'


def _plain(value: Any) -> Any:
    """A value of D-Bus as one of Python's own."""
    import dbus

    match value:
        case dbus.Boolean():
            return bool(value)
        case str():
            return str(value)
        case bytes():
            return bytes(value)
        case int() | float():
            return float(value) if isinstance(value, float) else int(value)
        case dict():
            return {_plain(key): _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case tuple():
            return tuple(_plain(each) for each in value)
    return value


@contextmanager
def _but_for(*names: str) -> Iterator[None]:
    """Take some errors of systemd for nothing to tell of."""
    import dbus

    try:
        yield
    except dbus.DBusException as error:
        if error.get_dbus_name() not in names:
            raise


def _full_name(unit: str) -> str:
    """A unit's name with its ending."""
    return unit if '.' in unit else f'{unit}.service'


class Systemd:
    """One conversation with systemd; use :func:`connected`."""

    def __init__(self, bus: Any, seconds: float) -> None:
        self._bus = bus
        self._seconds = seconds
        self._call(_BUS, 'Hello')

    def _call(
        self, whom: tuple[str, str, str], method: str, signature: str = '', *arguments: Any
    ) -> Any:
        """Call a method and return its answer."""
        return _plain(
            self._bus.call_blocking(
                *whom, method, signature, arguments, timeout=self._seconds, byte_arrays=True
            )
        )

    def ask(self, service: str, path: str, interface: str, name: str) -> Any:
        """A property of an object of any service."""
        return self._call((service, path, _PROPERTIES), 'Get', 'ss', interface, name)

    def _path(self, unit: str) -> str:
        path: str = self._call(_MANAGER, 'LoadUnit', 's', unit)
        return path

    def properties(self, unit: str) -> dict[str, Any]:
        """The properties of a unit, those of its kind among them."""
        whom = (_MANAGER[0], self._path(unit), _PROPERTIES)
        properties: dict[str, Any] = self._call(whom, 'GetAll', 's', '')
        return properties

    def states(self, units: Iterable[str]) -> dict[str, UnitState]:
        """The states of units, by their names as they were given."""
        names = tuple(units)
        records = self._call(_MANAGER, 'ListUnitsByNames', 'as', list(map(_full_name, names)))
        return {
            name: UnitState(record[2], record[3], bool(record[7]))
            for name, record in zip(names, records, strict=True)
        }

    def starts_at_boot(self, unit: str) -> bool:
        """Whether a unit is enabled; False for one that is not installed."""
        with _but_for(_NO_SUCH_FILE, _NO_SUCH_UNIT):
            return bool(
                self._call(_MANAGER, 'GetUnitFileState', 's', _full_name(unit)) == 'enabled'
            )
        return False

    def queue(self, method: str, unit: str) -> None:
        """Have a job done some time; its end is not awaited."""
        self._call(_MANAGER, method, 'ss', unit, 'replace')

    def job(self, method: str, unit: str, seconds: float = JOB_SECONDS) -> str:
        """Have a job done and return its result; 'done' is the good one."""
        return self.jobs({unit: method}, seconds)[unit]

    def jobs(self, wanted: Mapping[str, str], seconds: float = JOB_SECONDS) -> dict[str, str]:
        """Have a job of each unit done, all at once, and return their results."""
        deadline = time.monotonic() + seconds
        begun = [self._begin(method, unit) for unit, method in wanted.items()]
        return self._await(begun, deadline)

    def _begin(self, method: str, unit: str) -> _Job:
        """Queue a job."""
        # Else the start of a unit that was changed a few times in a row is refused.
        with _but_for(_NO_SUCH_UNIT):
            self._call(_MANAGER, 'ResetFailedUnit', 's', unit)
        # Else systemd forgets one that nothing else needs as soon as it ends, with all its traces.
        self._call((_MANAGER[0], self._path(unit), _UNIT), 'Ref')
        before = Trace.of(self.properties(unit))
        reply = self._call(_MANAGER, 'EnqueueUnitJob', 'sss', unit, _KINDS[method], 'replace')
        return _Job(unit, reply[3], reply[4], before)

    def _is_over(self, job: _Job) -> bool:
        """Whether a job is over, or made room for another one that is over too."""
        return bool(self.ask(_MANAGER[0], job.path, _UNIT, 'Job')[0] == 0)

    def _await(self, jobs: Iterable[_Job], deadline: float) -> dict[str, str]:
        """Wait until all jobs are over and return their results."""
        results = {job.unit: TOO_SLOW for job in jobs}
        waiting = list(jobs)
        while waiting:
            for job in filter(self._is_over, tuple(waiting)):
                waiting.remove(job)
                after = Trace.of(self.properties(job.unit))
                results[job.unit] = result(job.kind, job.before, after)
                self._call((_MANAGER[0], job.path, _UNIT), 'Unref')
            if not waiting or time.monotonic() >= deadline:
                break
            time.sleep(_LOOK_SECONDS)
        return results

    def disable(self, unit: str) -> str:
        """Stop a unit, and start it at boot no more; the result of its job."""
        self._call(_MANAGER, 'DisableUnitFiles', 'asb', [unit], False)
        self._call(_MANAGER, 'Reload')
        return self.job('StopUnit', unit)

    def set_timer(self, name: str, calendar: str, seconds: float) -> str:
        """Have a service started at a time by a timer of its name, instead of at an earlier one.

        Returns the result of the timer's start.
        """
        deadline = time.monotonic() + seconds
        timer = f'{name}.timer'
        with _but_for(_NO_SUCH_UNIT):
            self.job('StopUnit', timer, seconds)
        # systemd forgets the stopped one in a moment.
        while not self._has_made(timer, calendar, time.monotonic() < deadline):
            time.sleep(_LOOK_SECONDS)
        made = _Job(timer, self._path(timer), 'start', _FRESH)
        return self._await([made], time.monotonic() + seconds)[timer]

    def _has_made(self, timer: str, calendar: str, may_exist: bool) -> bool:
        """Start a timer that is gone afterwards; False if systemd has not forgotten the last."""
        import dbus

        properties = [
            ('Description', timer),
            ('TimersCalendar', dbus.Array([('OnCalendar', calendar)], signature='(ss)')),
            ('AccuracyUSec', dbus.UInt64(100_000)),
            ('RemainAfterElapse', False),
            ('CollectMode', 'inactive-or-failed'),
            ('AddRef', True),
        ]
        with _but_for(*((_UNIT_EXISTS,) if may_exist else ())):
            arguments = (timer, 'fail', properties, dbus.Array([], signature='(sa(sv))'))
            self._call(_MANAGER, 'StartTransientUnit', 'ssa(sv)a(sa(sv))', *arguments)
            return True
        return False


def _is_awake(bus: str, seconds: float) -> bool:
    """Whether the bus says anything: dbus-python would wait for its first word for ever."""
    with socket.socket(socket.AF_UNIX) as plain:
        plain.settimeout(seconds)
        plain.connect(bus)
        plain.sendall(b'\0AUTH EXTERNAL ' + str(os.geteuid()).encode().hex().encode() + b'\r\n')
        return bool(plain.recv(1))


def _check(bus: str, seconds: float, failure: str) -> None:
    """Refuse a bus that is not there, or does not answer in time."""
    try:
        detail = '' if _is_awake(bus, seconds) else 'EOF'
    except OSError as error:
        detail = str(error)
    if detail:
        raise MailError(failure, f'{bus}: {detail}')


@contextmanager
def connected(
    seconds: float = CALL_SECONDS, failure: str = 'systemd-silent', bus: str = SYSTEM_BUS
) -> Iterator[Systemd]:
    """A private conversation with systemd; no call of it takes longer than `seconds`.

    Raises MailError with the key `failure` when systemd does not answer, or refuses.
    """
    import dbus.connection  # takes a while to load, and most programs never ask
    from dbus.mainloop import NULL_MAIN_LOOP

    _check(bus, seconds, failure)
    connection = None
    try:
        # Without a main loop: a default one that others may have set belongs to their thread.
        connection = dbus.connection.Connection(f'unix:path={bus}', mainloop=NULL_MAIN_LOOP)
        yield Systemd(connection, seconds)
    except dbus.DBusException as error:
        raise MailError(failure, str(error)) from error
    finally:
        if connection is not None:
            connection.close()


def states(units: Iterable[str]) -> dict[str, UnitState]:
    """The states of units, by their names as they were given."""
    with connected(PAGE_SECONDS) as systemd:
        return systemd.states(units)


def running(units: Iterable[str]) -> dict[str, bool]:
    """For each unit whether it runs; an unknown one does not."""
    return {name: state.runs for name, state in states(units).items()}


def starts_at_boot(unit: str) -> bool:
    """Whether a unit is enabled; False for one that is not installed, or if nothing is known."""
    try:
        with connected(PAGE_SECONDS) as systemd:
            return systemd.starts_at_boot(unit)
    except MailError:
        return False


def is_coming(unit: str, seconds: float, just_lost: bool = False) -> bool:
    """Whether systemd starts a unit just now, or is about to; False if it does not say.

    With `just_lost` also when it has not noticed that the unit ended a moment ago.
    """
    try:
        with connected(seconds) as systemd:
            state = systemd.states((unit,))[unit]
    except MailError:
        return False
    return state.is_coming or (just_lost and state.active not in STOPPED)


def start_some_time(unit: str, failure: str) -> None:
    """Have a unit started without waiting for it; MailError with the key `failure` if refused."""
    with connected(failure=failure) as systemd:
        systemd.queue('StartUnit', unit)


def disable(unit: str, failure: str) -> None:
    """Stop a unit, and start it at boot no more; MailError with the key `failure` if refused."""
    with connected(failure=failure) as systemd:
        done = systemd.disable(unit)
    if done != DONE:
        raise MailError(failure, f'{unit}: {done}')
