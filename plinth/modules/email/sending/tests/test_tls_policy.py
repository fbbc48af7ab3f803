# SPDX-License-Identifier: AGPL-3.0-or-later
"""The service Postfix asks for policies: what goes before what."""

import asyncio
import pathlib
import socket

import pytest

from plinth.modules.email.sending import tls_policy
from plinth.modules.email.sending.socketmap import NOT_FOUND

Answers = dict[tuple[str, str], tuple[bool, list[str]] | None]
MX = ('there.test', 'MX')
TLSA = ('_25._tcp.mail.there.test', 'TLSA')
SIGNED_MX = (True, ['10 mail.there.test.'])


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
    assert asyncio.run(tls_policy.answer(f'postfix {key}'.encode())) == NOT_FOUND


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
