# SPDX-License-Identifier: AGPL-3.0-or-later
"""A program that runs as some account of this machine sends as that account, never as a person."""

import json
import uuid

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import mail

ADMIN, (ALICE, BOB) = settings.ADMIN, settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
DOMAIN = settings.DOMAINS[0]
ROOT = f'root@{DOMAIN}'

_SESSION = """
import json, smtplib, sys
sender, recipient, text = json.load(sys.stdin)
with smtplib.SMTP('localhost', 25) as session:
    session.sendmail(sender, recipient, text)
"""


def _sendmail(box: Host, account: str, sender: str, sent: mail.EmailMessage) -> str:
    """Hand in a mail by sendmail(1); returns what it says."""
    words = ('runuser', '-u', account, '--', 'sendmail', '-i', '-f', sender, CAROL.address)
    return box.run(*words, stdin=sent.as_bytes(), check=False)


def _connect(box: Host, account: str, sender: str, sent: mail.EmailMessage) -> str:
    """Hand in a mail by a connection to port 25; returns what went wrong."""
    data = json.dumps([sender, CAROL.address, sent.as_string()])
    words = ('runuser', '-u', account, '--', 'python3', '-c', _SESSION)
    return box.run(*words, stdin=data, check=False)


def _refused(box: Host, sent: mail.EmailMessage) -> None:
    """Wait until the filter has refused a mail that sendmail(1) took."""
    number = box.run('journalctl', '-q', '-o', 'cat', '--since', '-2min', '-g',
                     f'message-id={sent["Message-ID"]}').partition(':')[0]  # fmt: skip
    said = mail.until(
        'the filter to judge the mail',
        lambda: box.run('journalctl', '-q', '-o', 'cat', '--since', '-2min', '-g',
                        f'{number}: (milter-reject|removed)', check=False),
        30,
    )  # fmt: skip
    assert 'milter-reject' in said, f'{sent["From"]} left this box, from an account of the system'


@pytest.mark.journal_may_say('postfix.*not authorized to use sender')
@pytest.mark.parametrize('account', ['www-data', 'nobody'])
@pytest.mark.parametrize('sender', [ALICE.address, 'alice', 'alice@localhost', ROOT])
def test_sendmail_takes_no_other_sender(box: Host, account: str, sender: str) -> None:
    said = _sendmail(box, account, sender, mail.message(ALICE.address, CAROL.address))
    assert 'not authorized' in said, f'{account} may use the envelope sender {sender}: {said}'


@pytest.mark.parametrize(
    'shown',
    [ALICE.address, f'postmaster@{DOMAIN}', f'Alice <{ALICE.address}>, root@{DOMAIN}',
     f'"{BOB.address}" <{ALICE.address}>'],
)  # fmt: skip
def test_an_account_of_the_system_is_no_person(box: Host, shown: str) -> None:
    sent = mail.message(shown, CAROL.address, Message_ID=f'<{uuid.uuid4()}@{DOMAIN}>')
    assert not _sendmail(box, 'www-data', 'www-data', sent)
    mail.until('the mail to be read', lambda: _has_begun(box, sent), 30)
    _refused(box, sent)


def _has_begun(box: Host, sent: mail.EmailMessage) -> bool:
    return box.succeeds('journalctl', '-q', '--since', '-2min', '-g',
                        f'message-id={sent["Message-ID"]}')  # fmt: skip


def test_a_users_own_account_is_no_other_user(box: Host) -> None:
    sent = mail.message(BOB.address, CAROL.address)
    assert not _sendmail(box, 'alice', 'alice', sent)
    mail.until('the mail to be read', lambda: _has_begun(box, sent), 30)
    _refused(box, sent)


@pytest.mark.parametrize('shown', [f'wordpress@{DOMAIN}', 'www-data', ROOT])
def test_a_program_may_use_what_is_no_ones(box: Host, outside: Host, shown: str) -> None:
    sent = mail.message(shown, CAROL.address)
    assert not _sendmail(box, 'www-data', 'www-data', sent)
    content = mail.parsed(mail.wait_for(outside.ip, CAROL, sent, encrypted=False))
    assert content['Return-Path'] == f'<{ROOT}>'
    assert f'd={DOMAIN}' in content['DKIM-Signature']


def test_a_users_own_account_sends_as_the_user(box: Host, outside: Host) -> None:
    sent = mail.message(ALICE.address, CAROL.address)
    assert not _sendmail(box, 'alice', 'alice', sent)
    content = mail.parsed(mail.wait_for(outside.ip, CAROL, sent, encrypted=False))
    assert content['Return-Path'] == f'<{ALICE.address}>'
    assert content['DKIM-Signature']


@pytest.mark.parametrize(
    ('sender', 'shown'),
    [(ALICE.address, ALICE.address), ('alice@localhost', ALICE.address),
     ('alice@localhost', 'x@elsewhere.test'), (f'nobody-here@{DOMAIN}', 'x@elsewhere.test'),
     (CAROL.address, ALICE.address), (CAROL.address, f'nobody-here@{DOMAIN}'),
     ('www-data@localhost', ALICE.address)],
)  # fmt: skip
def test_a_connection_without_login_has_no_address_of_ours(
    box: Host, sender: str, shown: str
) -> None:
    said = _connect(box, 'www-data', sender, mail.message(shown, CAROL.address))
    assert '5.7.1' in said, f'port 25 takes {sender} (From: {shown}) from a local process: {said}'


def test_a_connection_without_login_may_send_as_the_system(box: Host) -> None:
    sent = mail.message('www-data@localhost', ADMIN.address)
    data = json.dumps(['www-data@localhost', ADMIN.address, sent.as_string()])
    assert not box.run('runuser', '-u', 'www-data', '--', 'python3', '-c', _SESSION, stdin=data)
    mail.wait_for(box.ip, ADMIN, sent)


@pytest.mark.journal_may_say('postfix.*is not allowed to')
@pytest.mark.parametrize('account', ['www-data', 'nobody', 'alice'])
def test_the_queue_is_roots(box: Host, account: str) -> None:
    for words in (('mailq',), ('postqueue', '-j'), ('postqueue', '-f')):
        said = box.run('runuser', '-u', account, '--', *words, check=False)
        assert 'not allowed' in said, f'{account} may use {" ".join(words)}'
    assert 'not allowed' not in box.run('mailq')
