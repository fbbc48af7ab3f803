# SPDX-License-Identifier: AGPL-3.0-or-later
"""The service for Postfix: requests, answers, clients that are hostile or too many, and its end."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.system import smtpd_policy
from plinth.modules.email.system.smtpd_policy import PolicyServer, parse

Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


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


def served(talk: Callable[[Callable[[], Awaitable[Client]]], Awaitable[None]]) -> bool:
    """Talk to a service; whether it ended when all clients were gone."""
    listening = socket.create_server(('127.0.0.1', 0))
    place = listening.getsockname()

    async def run() -> bool:
        service = PolicyServer(lambda asked: f'DUNNO {asked.get("recipient", "")}'.strip(), 0.2)
        running = asyncio.create_task(service.run(listening))
        await talk(lambda: asyncio.open_connection(*place))
        await asyncio.wait_for(running, 10)
        return True

    return asyncio.run(run())


def test_questions_are_answered_in_their_order() -> None:
    async def talk(connect: Callable[[], Awaitable[Client]]) -> None:
        reader, writer = await connect()
        writer.write(b'recipient=a@x.test\n\nrecipient=b')
        assert await reader.readuntil(b'\n\n') == b'action=DUNNO a@x.test\n\n'
        writer.write('@bücher.test\n\n'.encode())
        assert await reader.readuntil(b'\n\n') == 'action=DUNNO b@bücher.test\n\n'.encode()
        writer.close()

    assert served(talk)


def test_a_request_without_end_is_cut_off() -> None:
    async def talk(connect: Callable[[], Awaitable[Client]]) -> None:
        reader, writer = await connect()
        writer.write(b'x' * (2 * smtpd_policy.LONGEST_REQUEST))
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()

    assert served(talk)


def test_too_many_clients_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtpd_policy, 'MOST_CLIENTS', 1)

    async def talk(connect: Callable[[], Awaitable[Client]]) -> None:
        reader, writer = await connect()
        writer.write(b'a=b\n\n')
        await reader.readuntil(b'\n\n')
        other, second = await connect()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await other.readexactly(1)
        second.close()
        writer.write(b'a=b\n\n')
        assert await reader.readuntil(b'\n\n') == b'action=DUNNO\n\n'
        writer.close()

    assert served(talk)
