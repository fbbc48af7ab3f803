# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ports that answer and ports that do not; what to do with a unit."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.config.state import Port, Unit
from plinth.modules.email.errors import MailError
from plinth.modules.email.transaction import units


@contextmanager
def _server(greetings: list[bytes], family: int = socket.AF_INET) -> Iterator[int]:
    """Greet one client after the other, then only listen."""
    with socket.create_server(('', 0), family=family) as server:

        def serve() -> None:
            with suppress(OSError):  # the test may be over before all clients were greeted
                for greeting in greetings:
                    with server.accept()[0] as client:
                        client.sendall(greeting)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]


def test_greeting_is_waited_for() -> None:
    with _server([b'', b'421 not yet\r\n', b'220 host ESMTP\r\n']) as number:
        units.answer(Port(number, '220 '), 10)


def test_address_of_either_family_will_do() -> None:
    with _server([b'220 six\r\n'], socket.AF_INET6) as number:
        units.answer(Port(number, '220 '), 10)


def test_connection_is_enough_where_no_greeting_is_expected() -> None:
    with _server([b'']) as number:
        units.answer(Port(number), 10)


def test_local_socket_answers_in_place_of_a_port(tmp_path: Path) -> None:
    path = str(tmp_path / 'socket')
    with pytest.raises(MailError) as caught:
        units.answer(Port(0, path=path), 0.3)
    assert path in caught.value.sentence
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        units.answer(Port(0, path=path), 10)


def test_wrong_greeting_is_quoted_even_if_silence_follows() -> None:
    with _server([b'554 go away\r\n']) as number, pytest.raises(MailError) as caught:
        units.answer(Port(number, '220 '), 2)
    assert caught.value.code == 'port-silent'
    assert '554 go away' in caught.value.detail


def test_silence_and_a_closed_port_end_in_time() -> None:
    with _server([]) as number:
        for port in (Port(number, '220 '), Port(number, '220 ', True)):
            with pytest.raises(MailError) as caught:
                units.answer(port, 0.3)
            assert caught.value.code == 'port-silent'
    with pytest.raises(MailError):
        units.answer(Port(number), 0.3)


@pytest.mark.parametrize(
    ('load', 'active', 'file', 'changed', 'job'),
    [
        ('loaded', 'active', 'enabled', True, 'ReloadOrRestartUnit'),
        ('loaded', 'active', 'disabled', True, 'ReloadOrRestartUnit'),
        ('loaded', 'active', 'enabled', False, None),
        ('loaded', 'inactive', 'enabled', False, 'StartUnit'),
        ('loaded', 'failed', 'enabled', True, 'StartUnit'),
        ('loaded', 'inactive', 'disabled', True, None),
        ('not-found', 'inactive', '', True, None),
        ('masked', 'inactive', 'masked', True, None),
    ],
)
def test_job_that_a_unit_needs(load: Any, active: Any, file: Any, changed: Any, job: Any) -> None:
    properties = {'LoadState': load, 'ActiveState': active, 'UnitFileState': file}
    assert units._job_for(Unit('x.service', ()), properties, changed, start=True) == job


def test_early_at_boot_nothing_is_started() -> None:
    properties = {'LoadState': 'loaded', 'ActiveState': 'inactive', 'UnitFileState': 'enabled'}
    assert units._job_for(Unit('x.service', ()), properties, True, start=False) is None


def test_unit_that_must_be_restarted_is() -> None:
    properties = {'LoadState': 'loaded', 'ActiveState': 'active', 'UnitFileState': 'enabled'}
    unit = Unit('x.service', (), restart=True)
    assert units._job_for(unit, properties, True, start=True) == 'RestartUnit'
