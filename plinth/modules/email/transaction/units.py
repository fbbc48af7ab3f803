# SPDX-License-Identifier: AGPL-3.0-or-later
"""Make systemd units follow a change, and see that they do.

A job's result is waited for over D-Bus, where a helper program would only say that the job
was queued. Nothing here is shared between threads: each :func:`connected` block has a
connection and a main loop context of its own.

A unit that does not run is started if it is enabled; one that was switched off stays off,
and one that is not installed is passed over.

DIAGNOSTICS
    reload-failed  systemd could not reload, restart or start the unit
    unit-failed    the job went well but the unit is not running afterwards
    port-silent    nothing answers, or something else than expected, on a port of the unit
    systemd-silent systemd itself does not answer, or not in time
"""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gi.repository import Gio, GLib

from ..config.state import Port, Unit
from ..errors import MailError
from .sandbox import run

BUS_NAME = 'org.freedesktop.systemd1'
MANAGER = 'org.freedesktop.systemd1.Manager'
MANAGER_PATH = '/org/freedesktop/systemd1'
UNIT = 'org.freedesktop.systemd1.Unit'
ENABLED = frozenset({'enabled', 'enabled-runtime', 'linked', 'generated', 'alias'})
CALL_SECONDS = 25.0
JOB_SECONDS = 120.0
"""Longer than systemd itself waits (90 s) before it kills a unit that does not stop."""
RUNNING = frozenset({'active', 'reloading', 'refreshing'})
STAY_SECONDS = 1.0
PORT_SECONDS = 20.0
THROTTLED_SECONDS = 60 + PORT_SECONDS
"""How long ago Postfix may have said that it holds a program back, see master(8)."""


class Systemd:
    """One conversation with systemd; use :func:`connected`."""

    def __init__(self, connection: Any, context: Any) -> None:
        self._connection = connection
        self._context = context
        self._results: dict[str, str] = {}
        connection.signal_subscribe(
            BUS_NAME,
            MANAGER,
            'JobRemoved',
            MANAGER_PATH,
            None,
            Gio.DBusSignalFlags.NONE,
            self._on_job_removed,
        )
        self._call('Subscribe', None)

    def _on_job_removed(self, *arguments: Any) -> None:
        _number, job, _unit, result = arguments[5].unpack()
        self._results[job] = result

    def _call(
        self, method: str, arguments: Any, path: str = MANAGER_PATH, interface: str = MANAGER
    ) -> Any:
        reply = self._connection.call_sync(
            BUS_NAME,
            path,
            interface,
            method,
            arguments,
            None,
            Gio.DBusCallFlags.NONE,
            int(CALL_SECONDS * 1000),
            None,
        )
        return reply.unpack()

    def properties(self, unit: str) -> dict[str, Any]:
        """The properties of a unit."""
        path = self._call('LoadUnit', GLib.Variant('(s)', (unit,)))[0]
        properties: dict[str, Any] = self._call(
            'GetAll', GLib.Variant('(s)', (UNIT,)), path, 'org.freedesktop.DBus.Properties'
        )[0]
        return properties

    def job(self, method: str, unit: str, seconds: float = JOB_SECONDS) -> str:
        """Have a job done and return its result; 'done' is the good one."""
        # Else the start of a unit that was changed a few times in a row is refused.
        self._call('ResetFailedUnit', GLib.Variant('(s)', (unit,)))
        job = self._call(method, GLib.Variant('(ss)', (unit, 'replace')))[0]
        deadline = time.monotonic() + seconds
        alarm = GLib.timeout_source_new(int(seconds * 1000))
        alarm.set_callback(lambda *_: False)  # only there to wake up the loop
        alarm.attach(self._context)
        try:
            while job not in self._results and time.monotonic() < deadline:
                self._context.iteration(True)
        finally:
            alarm.destroy()
        return self._results.pop(job, 'too slow')


@contextmanager
def connected() -> Iterator[Systemd]:
    """Provide a private conversation with systemd."""
    context = GLib.MainContext.new()
    context.push_thread_default()
    connection = None
    try:
        address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM, None)
        flags = (
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        )
        connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        yield Systemd(connection, context)
    except GLib.Error as error:
        raise MailError('systemd-silent', error.message) from error
    finally:
        if connection is not None and not connection.is_closed():
            connection.close_sync(None)
        context.pop_thread_default()


def _job_for(unit: Unit, properties: dict[str, Any], changed: bool, start: bool) -> str | None:
    """The job that makes a unit follow, None if there is nothing to do."""
    if properties['LoadState'] != 'loaded':
        return None
    if properties['ActiveState'] in ('active', 'reloading', 'activating', 'refreshing'):
        if not changed:
            return None
        return 'RestartUnit' if unit.restart else 'ReloadOrRestartUnit'
    return 'StartUnit' if start and properties['UnitFileState'] in ENABLED else None


def _last_words(unit: str, since: float) -> str:
    """The log of a unit since a moment."""
    ran = run(
        [
            '/usr/bin/journalctl',
            '--unit',
            unit,
            '--since',
            f'@{since:.6f}',
            '--lines',
            '20',
            '--output',
            'cat',
            '--no-pager',
            '--quiet',
        ]
    )
    return ran.output.strip()[-4000:]


def _state_after(systemd: Systemd, unit: Unit) -> str:
    """The state of a unit after its job.

    systemd notices a moment later that a reload ended the service; a port would not answer, so
    a unit without one is looked at for a while.
    """
    until = time.monotonic() + (0.0 if unit.ports else STAY_SECONDS)
    while True:
        state = str(systemd.properties(unit.name)['ActiveState'])
        if state not in RUNNING or time.monotonic() >= until:
            return state
        time.sleep(0.05)


def follow(systemd: Systemd, unit: Unit, changed: bool, start: bool = True) -> bool:
    """Reload, restart or start a unit as it needs; tell whether anything was done."""
    method = _job_for(unit, systemd.properties(unit.name), changed, start)
    if method is None:
        return False
    since = time.time()
    result = systemd.job(method, unit.name)
    if result != 'done':
        raise MailError(
            'reload-failed', f'{method}: {result}\n' + _last_words(unit.name, since), unit=unit.name
        )
    state = _state_after(systemd, unit)
    if state not in RUNNING:
        raise MailError('unit-failed', f'{state}\n' + _last_words(unit.name, since), unit=unit.name)
    return True


def _connection(port: Port, host: str, seconds: float) -> socket.socket:
    """Connection to a port, or to the socket that stands for it."""
    if not port.path:
        return socket.create_connection((host, port.number), seconds)
    local = socket.socket(socket.AF_UNIX)
    local.settimeout(seconds)
    try:
        local.connect(port.path)
    except OSError:
        local.close()
        raise
    return local


def _greeting(port: Port, host: str, seconds: float) -> str:
    """The first line a port says, '' if it need not say any."""
    with _connection(port, host, seconds) as plain:
        connection: socket.socket = plain
        if port.tls:
            context = ssl.create_default_context()
            # It is our own port; whether its certificate is good is asked elsewhere.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            connection = context.wrap_socket(plain)
        with connection:
            if not port.greeting:
                return ''
            connection.sendall(port.ask.encode())
            with connection.makefile('rb') as stream:
                return stream.readline(1024).decode(errors='replace').strip()


def answer(port: Port, seconds: float) -> None:
    """Wait until a port answers as it should.

    What it says counts more than that it is silent or closed at another try: the last try
    is cut short by the end of our patience.
    """
    deadline = time.monotonic() + seconds
    said = failure = ''
    while (left := deadline - time.monotonic()) > 0:
        for host in ('127.0.0.1', '::1'):
            try:
                greeting = _greeting(port, host, left)
            except OSError as error:
                failure = str(error)
                continue
            if greeting.startswith(port.greeting):
                return
            said = greeting or 'no greeting'
        time.sleep(0.1)
    raise MailError('port-silent', said or failure, port=port.name)


def _is_throttled(unit: str) -> bool:
    """Whether Postfix's master holds one of its programs back."""
    since = f'@{time.time() - THROTTLED_SECONDS:.0f}'
    ran = run(['/usr/bin/journalctl', '--unit', unit, '--since', since, '--grep', 'throttling',
               '--lines', '1', '--output', 'cat', '--quiet'])  # fmt: skip
    return bool(ran.output.strip())


def answer_all(unit: Unit) -> None:
    """Wait until all ports of a unit answer; restart a program that its own master holds back.

    master(8) waits a minute before it starts a program again that has ended badly, also when
    its files are mended and read anew meanwhile.
    """
    try:
        for port in unit.ports:
            answer(port, PORT_SECONDS)
    except MailError:
        if not _is_throttled(unit.name):
            raise
        with connected() as systemd:
            systemd.job('RestartUnit', unit.name)
        for port in unit.ports:
            answer(port, PORT_SECONDS)
