# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages of a user's Sieve script are from that user, and few."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import mail
from tests.integration.managesieve import ManageSieve, RefusedScriptError

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
HOME = f'/var/vmail/{ALICE.domain}/{ALICE.username}'
SCRIPT = 'attack'


@contextmanager
def _session(box: Host) -> Iterator[ManageSieve]:
    with ManageSieve(box.ip) as session:
        session.starttls()
        session.login(ALICE.username, ALICE.password)
        yield session


@pytest.fixture(autouse=True)
def _no_script_is_left(box: Host) -> Iterator[None]:
    _clean(box)
    yield
    _clean(box)


def _clean(box: Host) -> None:
    box.run('find', HOME, '-maxdepth', '1', '-name', '*sieve*', '-type', 'f', '-delete')
    box.run('rm', '-f', f'{HOME}/.dovecot.sieve', f'{HOME}/sieve/{SCRIPT}.sieve')


def _use(box: Host, script: str) -> None:
    with _session(box) as session:
        session.put(SCRIPT, script)
        session.activate(SCRIPT)


def _write(box: Host, to: str = ALICE.address) -> mail.EmailMessage:
    sent = mail.message(CAROL.address, to)
    mail.deliver_in_time(box.ip, sent)
    mail.wait_for(box.ip, ALICE, sent)
    return sent


def _reply(subject: str) -> mail.EmailMessage:
    wanted = mail.EmailMessage()
    wanted['Subject'] = subject
    return wanted


def _has(outside: Host, subject: str) -> int:
    with mail.mailbox(outside.ip, CAROL.username, CAROL.password, encrypted=False) as session:
        return len(mail.numbers(session, _reply(subject)))


def test_an_absence_notice_is_from_its_owner(box: Host, outside: Host) -> None:
    subject = f'away {uuid.uuid4()}'
    _use(box, f'require "vacation"; vacation :subject "{subject}" "I am away.";')
    _write(box)
    content = mail.parsed(
        mail.wait_for(outside.ip, CAROL, _reply(subject), encrypted=False)
    )  # fmt: skip
    assert ALICE.address in str(content['From'])
    assert content['Return-Path'] == '<>'
    assert f'd={ALICE.domain}' in content['DKIM-Signature']


@pytest.mark.journal_may_say('lmtp.*(vacation|endmail)')
@pytest.mark.parametrize('shown', [BOB.address, f'postmaster@{BOB.domain}', 'ceo@elsewhere.test'])
def test_an_absence_notice_names_no_one_else(box: Host, outside: Host, shown: str) -> None:
    subject = f'away {uuid.uuid4()}'
    journal = box.journal_since()
    _use(box, f'require "vacation"; vacation :from "{shown}" :subject "{subject}" "Away.";')
    _write(box)
    mail.until('the notice to be refused', lambda: 'failed to send vacation' in journal(), 30)
    assert not _has(outside, subject), f'a script of {ALICE.address} sends as {shown}'


def test_a_forward_keeps_its_sender(box: Host, outside: Host) -> None:
    _use(box, f'require "copy"; redirect :copy "{settings.OUTSIDE_USERS[1].address}";')
    sent = _write(box)
    dave = settings.OUTSIDE_USERS[1]
    content = mail.parsed(mail.wait_for(outside.ip, dave, sent, encrypted=False))
    assert content['From'] == CAROL.address
    assert 'X-Sieve-Redirected-From' in content
    assert not content['DKIM-Signature'], "a stranger's mail is signed as ours"


def test_a_forward_of_our_own_mail_is_sent(box: Host, outside: Host) -> None:
    dave = settings.OUTSIDE_USERS[1]
    _use(box, f'require "copy"; redirect :copy "{dave.address}";')
    sent = mail.message(BOB.address, ALICE.address)
    mail.submit(box.ip, BOB, sent)
    content = mail.parsed(mail.wait_for(outside.ip, dave, sent, encrypted=False))
    assert content['From'] == BOB.address


def test_notify_is_off(box: Host) -> None:
    with pytest.raises(RefusedScriptError):
        _use(box, 'require "enotify"; notify "mailto:carol@outside.test";')


def test_no_script_searches_for_hours(box: Host) -> None:
    """A regular expression that repeats what it found; wildcards are found at once."""
    with pytest.raises(RefusedScriptError, match='regex'):
        _use(
            box,
            'require "regex"; if header :regex "subject" "(.*)(.*)(.*)\\\\1\\\\2x" { discard; }',
        )
    _use(box, f'if header :matches "x-long" "{"*a" * 100}x" {{ discard; }}')
    sent = mail.message(BOB.address, ALICE.address, X_Long='a' * 500)
    mail.submit(box.ip, BOB, sent)
    mail.wait_for(box.ip, ALICE, sent)


@pytest.mark.journal_may_say('lmtp.*Failed to compile')
def test_a_script_of_before_that_notifies_loses_no_mail(box: Host, outside: Host) -> None:
    subject = f'told {uuid.uuid4()}'
    script = f'require "enotify"; notify :message "{subject}" "mailto:{CAROL.address}"; discard;'
    _use(box, 'keep;')
    file = f'{HOME}/sieve/{SCRIPT}'
    allowed = ('-o', 'sieve_extensions/enotify=yes')
    box.run('tee', f'{file}.sieve', stdin=script)
    box.run('sievec', *allowed, f'{file}.sieve', f'{file}.svbin')
    box.run('chown', 'vmail:vmail', f'{file}.svbin')
    _write(box)
    assert not _has(outside, subject)
    assert "unknown Sieve capability 'enotify'" in box.run('cat', f'{HOME}/.dovecot.sieve.log')


def test_one_mail_makes_a_few(box: Host) -> None:
    targets = '\n'.join(f'redirect :copy "x{number}@{CAROL.domain}";' for number in range(30))
    journal = box.journal_since()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, 'PATIENCE', 30)
        try:
            _use(box, f'require "copy";\n{targets}\n')
            _write(box)
        except RefusedScriptError:
            return
    assert journal().count('to=<x') <= 4, 'one message makes many'


@pytest.mark.journal_may_say('lmtp.*(vacation|endmail)')
def test_a_mailbox_sends_only_so_much(box: Host, outside: Host) -> None:
    subject = f'away {uuid.uuid4()}'
    file = f'{HOME}/freedombox-email-sieve-sent'
    now = box.run('date', '+%s').strip()
    box.run('install', '-o', 'vmail', '-m', '600', '/dev/stdin', file, stdin=f'{now}\n' * 30)
    _use(box, f'require "vacation"; vacation :subject "{subject}" "I am away.";')
    journal = box.journal_since()
    _write(box)
    mail.until('the notice to be held', lambda: 'failed to send vacation' in journal(), 30)
    assert not _has(outside, subject)
