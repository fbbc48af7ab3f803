# SPDX-License-Identifier: AGPL-3.0-or-later
"""Dovecot's questions about passwords, and the users who may ask them."""

import json
import os
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from plinth.modules.email.authentication import policy_service
from plinth.modules.email.authentication.guesses import MOST_ON_CONNECTION, MOST_WRONG, REFUSE
from plinth.modules.email.authentication.policy_service import AuthPolicy, AuthPolicyService
from plinth.modules.email.system.small_server import SmallServer


def body(password: str, **more: Any) -> bytes:
    """Question or report as Dovecot 2.4.1 sends it."""
    return json.dumps(
        {'device_id': '', 'login': 'alice', 'protocol': 'imap', 'pwhash': password,
         'remote': '2001:db8::7', 'session_id': 'x', 'fail_type': 'credentials', **more}
    ).encode()  # fmt: skip


def test_guesses_are_refused_and_the_network_named_once() -> None:
    said: list[str] = []
    policy = AuthPolicy(said.append, lambda: 0.0, lambda _address: False)
    for number in range(MOST_WRONG):
        assert policy.answer('allow', body(str(number)))['status'] != REFUSE
        policy.answer('report', body(str(number), success=False, policy_reject=False))
    for _again in range(3):
        assert policy.answer('allow', body('more'))['status'] == REFUSE
    assert said == ['Too many wrong passwords from 2001:db8::/64']


def _guess(policy: AuthPolicy, **more: Any) -> None:
    """One guess more than there may be."""
    for number in range(MOST_WRONG + 1):
        policy.answer('allow', body(str(number), **more))
        policy.answer('report', body(str(number), success=False, policy_reject=False, **more))


def test_a_household_of_our_own_is_named_in_another_way() -> None:
    said: list[str] = []
    _guess(AuthPolicy(said.append, lambda: 0.0, lambda address: address == '2001:db8::7'))
    assert len(said) == 1
    assert said[0].startswith('Too many wrong passwords from 2001:db8::/64, a known household')


def test_so_is_one_with_a_right_password() -> None:
    said: list[str] = []
    policy = AuthPolicy(said.append, lambda: 0.0, lambda _address: False)
    policy.answer('report', body('right', success=True))
    _guess(policy)
    assert len(said) == 1
    assert said[0].startswith('Too many wrong passwords from 2001:db8::/64, a known household')


def test_root_sees_who_is_refused_and_has_them_forgotten() -> None:
    said: list[str] = []
    policy = AuthPolicy(said.append, lambda: 0.0, lambda _address: False)
    _guess(policy)
    assert list(policy.answer('list', b'{}')['refused']) == ['2001:db8::/64']
    policy.answer('forget', json.dumps({'household': '2001:db8::/64'}).encode())
    assert policy.answer('list', b'{}') == {'refused': {}}
    _guess(policy)
    assert len(said) == 2, 'who goes on is named again'


def test_a_connection_is_named_after_a_few_wrong_passwords() -> None:
    said: list[str] = []
    policy = AuthPolicy(said.append, lambda: 0.0)
    wrong = {'success': False, 'port': '40000'}
    for _again in range(MOST_ON_CONNECTION):
        assert not said
        policy.answer('report', body('the same old one', **wrong))
    assert said == ['Wrong passwords on one connection from 2001:db8::7 port 40000']


@pytest.mark.parametrize(
    'more',
    [{'port': ''}, {'port': '1 or 2'}, {'port': '1', 'success': True},
     {'port': '1', 'fail_type': 'internal'}, {'port': '1', 'fail_type': 'disabled'},
     {'port': '1', 'remote': '127.0.0.1'},
     {'port': '1', 'remote': ''}],
)  # fmt: skip
def test_no_other_connection_is(more: dict[str, Any]) -> None:
    said: list[str] = []
    policy = AuthPolicy(said.append, lambda: 0.0)
    for _again in range(2 * MOST_ON_CONNECTION):
        policy.answer('report', body('x', **{'success': False, **more}))
    assert not said


@pytest.mark.parametrize(
    'more', [{'fail_type': 'internal'}, {'fail_type': 'disabled'}, {'policy_reject': True}]
)
def test_failures_of_the_box_are_no_guesses(more: dict[str, Any]) -> None:
    policy = AuthPolicy(print)
    for number in range(100):
        policy.answer('allow', body(str(number)))
        policy.answer('report', body(str(number), **{'success': False, **more}))
    assert policy.answer('allow', body('right'))['status'] == 0


@pytest.mark.parametrize('text', [b'', b'[]', b'{}', b'{"login": 1}', b'\xff', b'null'])
def test_what_is_no_question_is_none(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any kind of it
        policy_service.parse(text)


def _talk(users: frozenset[int], request: bytes, root: int = 0) -> bytes:
    """The answer of a service to this process."""
    listening = socket.create_server(('127.0.0.1', 0))
    service = AuthPolicyService(AuthPolicy(print), users, root)
    server = SmallServer(service.opened, 10, idle=0.1)
    running = threading.Thread(target=server.run, args=(listening,), daemon=True)
    running.start()
    answer = b''
    with socket.create_connection(listening.getsockname(), 10) as client, suppress(ConnectionError):
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        while more := client.recv(65_536):
            answer += more
    running.join(10)
    assert not running.is_alive()
    return answer


def _request(content: bytes, command: str = 'allow') -> bytes:
    """HTTP request with a body."""
    head = f'POST /?command={command} HTTP/1.1\r\nContent-Length: {len(content)}\r\n\r\n'
    return head.encode() + content


def test_only_those_named_are_answered() -> None:
    request = _request(body('x')) * 2
    answer = _talk(frozenset({os.getuid()}), request)
    assert answer.count(b'"status": 0') == 2, 'one connection serves many questions'
    assert _talk(frozenset({os.getuid() + 1}), request) == b''


@pytest.mark.parametrize('command', ['list', 'forget'])
def test_only_root_asks_who_is_refused(command: str) -> None:
    me, request = os.getuid(), _request(b'{"household": "192.0.2.7"}', command)
    assert b'200 OK' in _talk(frozenset({me}), request, root=me)
    assert _talk(frozenset({me}), request, root=me + 1) == b''


@pytest.mark.parametrize(
    'request_', [b'GET / HTTP/1.1\r\n\r\n', b'x' * 100_000, _request(b'{}'),
                 b'POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n',
                 b'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
                 _request(b'{}', 'forget'), _request(b'[]', 'forget'), _request(b'x', 'forget')]
)  # fmt: skip
def test_what_is_no_request_ends_the_connection(request_: bytes) -> None:
    assert _talk(frozenset({os.getuid()}), request_, root=os.getuid()) == b''
