# SPDX-License-Identifier: AGPL-3.0-or-later
"""The service for Postfix: requests, answers, clients that are hostile or too many, and its end."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.system import smtpd_policy
from plinth.modules.email.system.smtpd_policy import parse, server

NAMES = st.sampled_from([*smtpd_policy.ATTRIBUTES, 'stress', 'x_sender', 'sender_x', ''])
VALUES = st.text().filter(lambda t: '\n' not in t)


@given(st.dictionaries(NAMES, VALUES))
def test_attributes(wanted: dict[str, str]) -> None:
    text = ''.join(f'{name}={value}\n' for name, value in wanted.items())
    assert parse(text.encode('utf-8', 'replace')) == {
        name: value.encode('utf-8', 'replace').decode()
        for name, value in wanted.items()
        if name in smtpd_policy.ATTRIBUTES
    }


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    assert isinstance(parse(data), dict)


def served(talk: Callable[[Callable[[], socket.socket]], None]) -> bool:
    """Talk to a service; whether it ended when all clients were gone."""
    listening = socket.create_server(('127.0.0.1', 0))
    place = listening.getsockname()
    service = server(lambda asked: f'DUNNO {asked.get("recipient", "")}'.strip(), 0.2)
    running = threading.Thread(target=service.run, args=(listening,), daemon=True)
    running.start()
    talk(lambda: socket.create_connection(place, 10))
    running.join(10)
    return not running.is_alive()


def answer_of(client: socket.socket) -> bytes:
    """All that comes until the end of an answer, or of the connection."""
    found = b''
    with suppress(ConnectionError):
        while not found.endswith(b'\n\n') and (more := client.recv(4096)):
            found += more
    return found


def test_questions_are_answered_in_their_order() -> None:
    def talk(connect: Callable[[], socket.socket]) -> None:
        with connect() as client:
            client.sendall(b'recipient=a@x.test\n\nrecipient=b')
            assert answer_of(client) == b'action=DUNNO a@x.test\n\n'
            client.sendall('@bücher.test\n\n'.encode())
            assert answer_of(client) == 'action=DUNNO b@bücher.test\n\n'.encode()

    assert served(talk)


def test_a_request_without_end_is_cut_off() -> None:
    def talk(connect: Callable[[], socket.socket]) -> None:
        with connect() as client, suppress(ConnectionError):
            client.sendall(b'x' * (2 * smtpd_policy.LONGEST_REQUEST))
            assert answer_of(client) == b''

    assert served(talk)


def test_too_many_clients_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtpd_policy, 'MOST_CLIENTS', 1)

    def talk(connect: Callable[[], socket.socket]) -> None:
        with connect() as client, connect() as other:
            client.sendall(b'a=b\n\n')
            assert answer_of(client) == b'action=DUNNO\n\n'
            assert answer_of(other) == b''
            client.sendall(b'a=b\n\n')
            assert answer_of(client) == b'action=DUNNO\n\n'

    assert served(talk)
