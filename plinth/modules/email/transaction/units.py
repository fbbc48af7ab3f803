# SPDX-License-Identifier: AGPL-3.0-or-later
"""Make systemd units follow a change, and see that they do.

The end of a job is awaited, where a helper program would only say that the job was queued;
see :mod:`..system.systemd`.

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
from typing import Any

from ..config.state import Port, Unit
from ..errors import MailError
from ..system.at_rest import Rest
from ..system.systemd import DONE, ENABLED, RUNNING, Systemd, connected
from .sandbox import run

STAY_SECONDS = 1.0
"""How long a unit without ports is looked at if it does not come to rest."""
PORT_SECONDS = 20.0
THROTTLED_SECONDS = 60 + PORT_SECONDS
"""How long ago Postfix may have said that it holds a program back, see master(8)."""
_LOOK_SECONDS = 0.05


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
    a unit without one is looked at until its processes have done what they were told.
    """
    until = time.monotonic() + (0.0 if unit.ports else STAY_SECONDS)
    rest = Rest()
    while True:
        seen = systemd.properties(unit.name)
        state = str(seen['ActiveState'])
        if state not in RUNNING or time.monotonic() >= until or rest.has_come(seen):
            return state
        time.sleep(_LOOK_SECONDS)


def follow(systemd: Systemd, unit: Unit, changed: bool, start: bool = True) -> bool:
    """Reload, restart or start a unit as it needs; tell whether anything was done."""
    method = _job_for(unit, systemd.properties(unit.name), changed, start)
    if method is None:
        return False
    since = time.time()
    result = systemd.job(method, unit.name)
    if result != DONE:
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
