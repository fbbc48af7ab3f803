# SPDX-License-Identifier: AGPL-3.0-or-later
"""A second look at a message: what Dovecot asks, what Rspamd says, and what becomes of both."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ...config.statistic import OWN_HAM, OWN_SPAM, SECOND_LOOK
from .. import judge

ADDRESS = 'alice@a.test'
MESSAGE = b'Subject: x\r\n\r\nHello\n\nthere\r\n'
REQUEST = b'VERSION\tscript\t4\t0\n-\n' + ADDRESS.encode() + b'\n\n' + MESSAGE


def _answer(action: str, *symbols: str) -> dict[str, object]:
    return {'action': action, 'symbols': {name: {'score': 1.0} for name in symbols}}


@pytest.mark.parametrize(
    ('answer', 'wanted'),
    [
        (_answer('add header', OWN_SPAM), 'junk'),
        (_answer('reject', OWN_SPAM, 'BAYES_SPAM'), 'junk'),
        (_answer('rewrite subject', OWN_SPAM), 'junk'),
        (_answer('no action', OWN_HAM), 'inbox'),
        (_answer('greylist', OWN_HAM), 'inbox'),
        (_answer('soft reject', OWN_HAM), 'first'),
        (_answer('add header', 'BAYES_SPAM'), 'first'),
        (_answer('no action'), 'first'),
        ({'error': 'no'}, 'first'),
        ([], 'first'),
    ],
)
def test_only_a_memory_of_its_own_decides(answer: object, wanted: str) -> None:
    assert judge.verdict(answer) == wanted


def test_a_request_has_an_address_and_a_message() -> None:
    assert judge.parse(REQUEST) == (ADDRESS, MESSAGE)


@pytest.mark.parametrize(
    'request_bytes',
    [
        b'',
        b'VERSION\tscript\t4\t0\n-\n',
        b'VERSION\tscript\t4\t0\n-\n\n' + MESSAGE,
        b'VERSION\tscript\t3\t0\n-\nalice@a.test\n\n' + MESSAGE,
        b'VERSION\tscript\t4\t0\n-\nalice@a.test\rFile: /etc/passwd\n\n' + MESSAGE,
        b'VERSION\tscript\t4\t0\n-\nal\xffice@a.test\x00\n\n' + MESSAGE,
        b'VERSION\tscript\t4\t0\n-\n' + b'a' * 400 + b'@a.test\n\n' + MESSAGE,
    ],
)
def test_what_is_no_request_is_refused(request_bytes: bytes) -> None:
    with pytest.raises(judge.UnreadableRequestError):
        judge.parse(request_bytes)


@contextmanager
def _filter(path: Path, answer: bytes) -> Iterator[list[bytes]]:
    """A filter that answers once, and notes what it is asked."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def once() -> None:
            client, _address = listening.accept()
            with client:
                found = b''
                while not found.endswith(MESSAGE):
                    found += client.recv(65536)
                asked.append(found)
                client.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        yield asked
        thread.join()


def _said(request_bytes: bytes) -> bytes:
    """The answer to a client."""
    ours, theirs = socket.socketpair()
    with ours:
        ours.sendall(request_bytes)
        ours.shutdown(socket.SHUT_WR)
        judge.serve(theirs)
        return ours.recv(100)


def test_the_filter_is_asked_with_our_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, 'CONTROLLER', str(tmp_path / 's'))
    found = json.dumps(_answer('add header', OWN_SPAM)).encode()
    with _filter(tmp_path / 's', b'HTTP/1.0 200 OK\r\n\r\n' + found) as asked:
        assert _said(REQUEST) == b'junk+\n'
    head, _, body = asked[0].partition(b'\r\n\r\n')
    assert body == MESSAGE
    assert head.split(b'\r\n')[1:3] == [
        f'Settings-ID: {SECOND_LOOK}'.encode(), f'Rcpt: {ADDRESS}'.encode(),
    ]  # fmt: skip


def test_without_the_filter_the_first_look_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, 'CONTROLLER', str(tmp_path / 'none'))
    assert _said(REQUEST) == b'first+\n'
    with_nonsense = tmp_path / 'nonsense'
    monkeypatch.setattr(judge, 'CONTROLLER', str(with_nonsense))
    with _filter(with_nonsense, b'HTTP/1.0 200 OK\r\n\r\n<html>'):
        assert _said(REQUEST) == b'first+\n'


def test_a_client_that_says_nonsense_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, '_LONGEST', 10)
    assert _said(REQUEST) == b'-\n'
    assert _said(b'x') == b'-\n'
