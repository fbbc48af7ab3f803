# SPDX-License-Identifier: AGPL-3.0-or-later
"""The service Postfix asks for policies: its protocol, and what goes before what."""

import asyncio
import pathlib
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.sending import tls_policy

Answers = dict[tuple[str, str], tuple[bool, list[str]] | None]
MX = ('there.test', 'MX')
TLSA = ('_25._tcp.mail.there.test', 'TLSA')
SIGNED_MX = (True, ['10 mail.there.test.'])


def stream(data: bytes) -> asyncio.StreamReader:
    """A stream with these bytes in it."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@given(st.binary(max_size=900))
def test_netstrings(data: bytes) -> None:
    async def there_and_back() -> bytes | None:
        return await tls_policy.read(stream(tls_policy.encode(data)))

    assert asyncio.run(there_and_back()) == data


@given(st.binary(max_size=40))
def test_garbage_is_refused(data: bytes) -> None:
    async def attempt() -> None:
        try:
            await tls_policy.read(stream(data))
        except (ValueError, EOFError):
            return

    asyncio.run(attempt())


def test_only_an_answer_may_be_long() -> None:
    data = tls_policy.encode(b'x' * 1001)

    async def attempt(*most: int) -> bytes | None:
        return await tls_policy.read(stream(data), *most)

    assert asyncio.run(attempt())
    with pytest.raises(ValueError, match='too long'):
        asyncio.run(attempt(1000))


@pytest.mark.parametrize(
    ('answer', 'whole'),
    [
        (
            b'OK secure match=a.test:.b.test servername=hostname',
            b'OK secure match=a.test:.b.test servername=hostname policy_type=sts '
            b'policy_domain=there.test mx_host_pattern=a.test mx_host_pattern=*.b.test',
        ),
        (b'OK secure match=a.test policy_type=sts', b'OK secure match=a.test policy_type=sts'),
        (b'NOTFOUND ', b'NOTFOUND '),
        (b'TEMP no answer', b'TEMP no answer'),
        (b'', b''),
        (b'OK secure match=' + b'x' * 60_000, b'TEMP the policy for encryption is too long'),
    ],
)
def test_postfix_is_told_which_hosts_a_policy_names(answer: bytes, whole: bytes) -> None:
    assert tls_policy.with_hosts('there.test', answer) == whole


@pytest.mark.parametrize(
    ('found', 'dane'),
    [
        ({MX: SIGNED_MX, TLSA: (True, ['3 1 1 ab'])}, True),
        ({MX: SIGNED_MX, TLSA: (True, [])}, False),
        ({MX: SIGNED_MX, TLSA: (False, ['3 1 1 ab'])}, False),
        ({MX: SIGNED_MX, TLSA: None}, True),
        ({MX: (False, SIGNED_MX[1]), TLSA: (True, ['3 1 1 ab'])}, False),
        ({MX: None}, False),
        ({MX: (True, []), ('_25._tcp.there.test', 'TLSA'): (True, ['3 1 1 ab'])}, True),
    ],
)
def test_dane_goes_first_when_it_is_signed(
    monkeypatch: pytest.MonkeyPatch, found: Answers, dane: bool
) -> None:
    async def ask(name: str, kind: str) -> tuple[bool, list[str]] | None:
        return found[name.rstrip('.'), kind]

    monkeypatch.setattr(tls_policy, 'ask', ask)
    assert asyncio.run(tls_policy.has_dane('there.test')) is dane


@pytest.mark.parametrize('key', ['.test', '[192.0.2.1]', '[mail.test]', 'localhost', ''])
def test_what_is_no_domain_has_no_policy(key: str) -> None:
    assert asyncio.run(tls_policy.answer(f'postfix {key}'.encode())) == tls_policy.NOT_FOUND


@pytest.mark.parametrize('is_there', [True, False])
def test_a_silent_daemon_delays_mail_and_a_removed_one_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, is_there: bool
) -> None:
    with socket.socket() as nobody:
        nobody.bind(('127.0.0.1', 0))
        monkeypatch.setattr(tls_policy, 'UPSTREAM', nobody.getsockname())
        monkeypatch.setattr(tls_policy, 'RESOLVER', '127.0.0.1')
        daemon = tmp_path / 'daemon'
        daemon.touch() if is_there else None
        monkeypatch.setattr(tls_policy, 'DAEMON', daemon)
        said = asyncio.run(tls_policy.answer(b'postfix there.test'))
    assert said.startswith(b'TEMP ' if is_there else b'NOTFOUND ')


async def visit(path: pathlib.Path, question: bytes = b'postfix .test') -> bytes | None:
    """Ask over a socket; what is answered."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(tls_policy.encode(question) if question else b'')
    said = await tls_policy.read(reader)
    writer.close()
    return said


def listening(path: pathlib.Path) -> socket.socket:
    """A socket as systemd hands it over."""
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    made.listen()
    return made


def test_it_ends_by_itself_when_no_one_asks(tmp_path: pathlib.Path) -> None:
    path = tmp_path / 'socket'

    async def both() -> bytes | None:
        service = asyncio.create_task(tls_policy.TlsPolicyService(0.3).run(listening(path)))
        said = await visit(path)
        await asyncio.wait_for(service, 5)
        return said

    started = time.monotonic()
    assert asyncio.run(both()) == tls_policy.NOT_FOUND
    assert time.monotonic() - started >= 0.3


def test_who_says_nothing_is_sent_away(tmp_path: pathlib.Path) -> None:
    path = tmp_path / 'socket'

    async def both() -> bytes | None:
        service = asyncio.create_task(
            tls_policy.TlsPolicyService(0.3, silence=0.1).run(listening(path))
        )
        said = await asyncio.wait_for(visit(path, b''), 5)
        await asyncio.wait_for(service, 5)
        return said

    assert asyncio.run(both()) is None


def test_one_too_many_is_sent_away_and_the_others_are_served(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / 'socket'
    monkeypatch.setattr(tls_policy, 'MOST_CLIENTS', 1)

    async def both() -> None:
        service = asyncio.create_task(tls_policy.TlsPolicyService(0.3).run(listening(path)))
        reader, writer = await asyncio.open_unix_connection(path)
        for _again in range(2):
            writer.write(tls_policy.encode(b'postfix .test'))
            assert await tls_policy.read(reader) == tls_policy.NOT_FOUND
            assert await visit(path, b'') is None
        writer.close()
        await asyncio.wait_for(service, 5)

    asyncio.run(both())
