# SPDX-License-Identifier: AGPL-3.0-or-later
"""The last times of mail traffic, from lines in which strangers have a say."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from plinth.modules.email.activity import traffic
from plinth.modules.email.activity.last_times import Times, at, kept
from plinth.modules.email.activity.traffic import JournalReader
from plinth.modules.email.system import programs

OWN = ('11.0.0.1', '2a00:1::5')
ID = '4jcMbK5dPczNwGX'
ACTIVE = f'{ID}: from=<carol@a.test>, size=495, nrcpt=1 (queue active)'
CLIENT = f'{ID}: client=mx.a.test[11.0.0.9]'
SENT = (
    f'{ID}: to=<carol@a.test>, relay=mx.a.test[11.0.0.9]:25, delay=0.4, delays=0.1/0/0.1/0.2, '
    'dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7)'
)
LOGIN = (
    'imap-login: Logged in: user=<alice>, method=PLAIN, rip=192.168.1.7, lip=11.0.0.1, mpid=12, '
    'TLS, session=<x>'
)
SMTPD, QMGR, SMTP, DOVECOT = 'postfix/smtpd', 'postfix/qmgr', 'postfix/smtp', 'dovecot'


def entry(source: str, text: Any, seconds: int = 7) -> dict[str, Any]:
    """An entry of the journal."""
    return {
        'SYSLOG_IDENTIFIER': source,
        'MESSAGE': text,
        '__REALTIME_TIMESTAMP': str(seconds * 1_000_000),
    }


def read(*lines: tuple[str, Any]) -> Times:
    """The times in lines, the latest of which comes first."""
    return JournalReader(OWN).read([entry(*line) for line in lines])


def test_the_last_of_each_counts() -> None:
    entries = [
        entry(QMGR, ACTIVE, 9), entry(SMTPD, CLIENT, 8), entry(SMTP, SENT, 6),
        entry(DOVECOT, LOGIN, 5), entry(DOVECOT, LOGIN, 4),
    ]  # fmt: skip
    assert JournalReader(OWN).read(entries) == Times(at(8), at(6), at(5))


@pytest.mark.parametrize(
    'client',
    [
        f'{ID}: client=localhost[127.0.0.1]',
        f'{ID}: client=printer[192.168.1.4]',
        f'{ID}: client=unknown[fd00::7]',
        f'{ID}: client=box.test[11.0.0.1]',
        f'{ID}: client=phone.test[2a00:1::99]',
        f'{ID}: client=mx.a.test[11.0.0.9], sasl_method=PLAIN, sasl_username=alice',
        f'{ID}: client=a[11.0.0.9]x[192.168.1.4]',
        f'NOQUEUE: reject: RCPT from x: {CLIENT}',
        f'warning: {CLIENT}',
        'OTHERID1234: client=mx.a.test[11.0.0.9]',
    ],
)
def test_what_is_no_message_of_another_server(client: str) -> None:
    assert read((QMGR, ACTIVE), (SMTPD, client)) == Times()


def test_a_message_the_filter_refused_has_not_come_in() -> None:
    refused = f'{ID}: milter-reject: END-OF-MESSAGE from x[11.0.0.9]: 5.7.1 spam; from=<a@b.test>'
    assert read(('postfix/cleanup', refused), (SMTPD, CLIENT)) == Times()
    assert read((SMTPD, ACTIVE), (SMTPD, CLIENT)) == Times(), 'another program says so'


@pytest.mark.parametrize(
    'line',
    [
        SENT.replace('status=sent (250', 'status=deferred (host said: status=sent (250'),
        SENT.replace('dsn=2.0.0, status=sent', 'dsn=5.0.0, status=bounced'),
        f'{ID}: to=<a>, relay=x, delay=1, delays=1/1/1/1, dsn=2.0.0, status=sent (x@a.test>, '
        'relay=none, delay=1, delays=1/1/1/1, dsn=4.4.1, status=deferred (timed out)',
        f'warning: {SENT}',
    ],
)
def test_what_was_not_sent(line: str) -> None:
    assert read((SMTP, line)) == Times()


@pytest.mark.parametrize(
    'line',
    [
        LOGIN.replace('192.168.1.7', '11.0.0.1'),  # webmail on the box itself
        LOGIN.replace('Logged in: user', 'Login aborted: auth failed: user'),
        f'lmtp(1): {LOGIN}',
    ],
)
def test_what_is_no_login_of_a_device(line: str) -> None:
    assert read((DOVECOT, line)) == Times()


@pytest.mark.parametrize('text', [None, [200, 255, 0], 7])
def test_bytes_that_are_no_text_are_passed_over(text: Any) -> None:
    assert read((SMTPD, text), (SMTP, SENT)) == Times(sent=at(7))


def test_what_was_seen_the_last_time_is_left_alone_once_a_message_was_found() -> None:
    def lines() -> Iterator[dict[str, Any]]:
        yield from (entry(QMGR, ACTIVE, 100), entry(SMTPD, CLIENT, 99))
        yield from (entry(SMTP, SENT, 96), entry(SMTP, SENT, 94))
        raise AssertionError('read too far')

    until = JournalReader(OWN, at(100))
    assert until.read(lines()) == Times(at(99), at(96))
    announced = entry(QMGR, ACTIVE, 101), entry(SMTP, SENT, 50), entry(SMTPD, CLIENT, 49)
    late = JournalReader(OWN, at(100)).read(announced)
    assert late == Times(at(49), at(50)), 'it was announced before'


def test_times_outlive_the_journal() -> None:
    assert Times(sent=at(9)).or_earlier(Times(at(1), at(2))) == Times(at(1), at(9))


@pytest.mark.parametrize(
    'text', ['', '[]', '{}', '{"received": "x", "read": 1}', '{"received": 1e99, "read": 1}']
)
def test_a_damaged_note_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / 'last.json').write_text(text)
    assert kept(tmp_path / 'last.json') == (Times(), None)


def program(folder: Path, monkeypatch: Any, script: str) -> None:
    """Put a journalctl of our own in front of the real one."""
    path = folder / 'journalctl'
    path.write_text(f'#!/bin/sh\n{script}\n')
    path.chmod(0o755)
    paths = {**programs.ENVIRONMENT, 'PATH': f'{folder}:/usr/bin:/bin'}
    monkeypatch.setattr(programs, 'ENVIRONMENT', paths)


def test_a_journal_that_cannot_be_read_is_no_empty_one(tmp_path: Path, monkeypatch: Any) -> None:
    line = json.dumps(entry(SMTP, SENT))
    program(tmp_path, monkeypatch, f"echo '{line}'; exit 1")
    assert [each['MESSAGE'] for each in traffic._journal(None)] == [SENT]
    program(tmp_path, monkeypatch, 'exit 7')
    with pytest.raises(OSError, match='7'):
        list(traffic._journal(at(0)))


@pytest.fixture(name='note')
def fixture_note(tmp_path: Path, monkeypatch: Any) -> Path:
    note = tmp_path / 'last.json'
    monkeypatch.setattr(traffic, 'kept', lambda: kept(note))
    monkeypatch.setattr(traffic, '_keep', Mock())
    return note


@pytest.mark.usefixtures('note')
def test_a_journal_too_long_to_read_is_no_empty_one(tmp_path: Path, monkeypatch: Any) -> None:
    program(tmp_path, monkeypatch, f"echo '{json.dumps(entry(SMTP, SENT))}'; exec sleep 9")
    with pytest.raises(TimeoutError):
        traffic.look(1)


def test_what_was_found_in_time_counts(tmp_path: Path, monkeypatch: Any, note: Path) -> None:
    note.write_text(json.dumps({'received': 3.0, 'read': 4.0}))
    program(tmp_path, monkeypatch, f"echo '{json.dumps(entry(SMTP, SENT))}'; exec sleep 9")
    assert traffic.look(1) == Times(at(3), at(7))
