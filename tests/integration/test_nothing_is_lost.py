# SPDX-License-Identifier: AGPL-3.0-or-later
"""Failures of each part: mail waits, is filtered, and arrives once when it is mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from lab import settings
from lab.freedombox import without_directory
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import mail

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
SCANNER = '/var/spool/postfix/freedombox-email/rspamd.sock'
HOME = f'/var/vmail/{BOB.domain}/{BOB.username}'

pytestmark = [
    pytest.mark.journal_may_say(r'nslcd\['),  # FreedomBox's own; it misses slapd too
    pytest.mark.journal_may_say(r'dovecot.*auth.*Error: ldap.*(connect to|lost)'),
]


@contextmanager
def _down(box: Host, unit: str, ready: str | int = '', *, crash: bool = False) -> Iterator[None]:
    """Stop a service for a while, or end it at once; its port or socket tells when it is back."""
    if crash:
        box.run('systemctl', 'stop', '--no-block', unit)
        box.run('systemctl', 'kill', '--signal=KILL', unit)
    box.run('systemctl', 'stop', unit)
    try:
        yield
    finally:
        box.run('systemctl', 'start', unit)
        if ready:
            how = f'create_connection(("127.0.0.1", {ready}), 1)'
            if isinstance(ready, str):
                how = f'socket(socket.AF_UNIX).connect("{ready}")'
            probe = f'import socket; socket.{how}'
            wait_for(unit, lambda: box.succeeds('python3', '-c', probe), 30)


@contextmanager
def _full(box: Host, folder: str, owner: str) -> Iterator[None]:
    """Let a folder be on a disk with no room for a mail."""
    options = f'size=16k,uid={owner},gid={owner},mode=700'
    box.run('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder)
    try:
        yield
    finally:
        box.run('umount', '--lazy', folder)


def _send_from_outside(outside: Host, sent: EmailMessage) -> None:
    """Hand a mail to another mail host, which tries until it is taken."""
    outside.run('sendmail', '-f', str(sent['From']), str(sent['To']), stdin=sent.as_bytes())


def _deferred(host: Host, sent: EmailMessage) -> None:
    """Wait until a host tried to pass a mail on and keeps it for later."""

    def is_deferred() -> bool:
        return any(
            # Between the list and this look it may be tried again.
            host.run('postcat', '-qe', number, check=False).startswith(
                '*** ENVELOPE RECORDS deferred'
            )
            for number in mail.waiting(host, str(sent['From']))
        )

    wait_for('the mail to be deferred', is_deferred, 40)


def _arrives_once(box: Host, host: Host, user: LabUser, sent: EmailMessage) -> None:
    """Wait for a filtered mail, and see that no second one is there or on its way."""
    host.run('postqueue', '-f')
    mail.wait_for(box.ip, user, sent)
    scanned = ['journalctl', '-q', '-u', 'rspamd', '--since=-5min', '-g', str(sent['Message-ID'])]
    assert box.succeeds(*scanned), 'the mail came past the scanner'
    wait_for('the queue to be empty', lambda: not mail.waiting(host, str(sent['From'])), 20)
    with mail.mailbox(box.ip, user.username, user.password) as session:
        assert len(mail.numbers(session, sent)) == 1


def _from_outside(box: Host) -> tuple[int, str]:
    return mail.answer(lambda: mail.deliver(box.ip, mail.message(CAROL.address, BOB.address)))


def _submitted(box: Host, port: int) -> tuple[int, str]:
    sent = mail.message(ALICE.address, BOB.address)
    return mail.answer(lambda: mail.submit(box.ip, ALICE, sent, port))


def test_without_the_directory_all_ports_say_later(box: Host, outside: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    with without_directory(box.machine):
        assert _from_outside(box)[0] == 451
        for port in (465, 587):
            assert _submitted(box, port)[0] == 451
        with (
            pytest.raises(mail.imaplib.IMAP4.error, match='UNAVAILABLE'),
            mail.mailbox(box.ip, ALICE.username, ALICE.password),
        ):
            pass
        _send_from_outside(outside, sent)
        _deferred(outside, sent)
    assert _from_outside(box)[0] == 250, 'an answer of the outage is remembered'
    _arrives_once(box, outside, BOB, sent)


def test_mail_of_this_machine_waits_for_the_directory(box: Host) -> None:
    sent = mail.message(f'root@{BOB.domain}', BOB.address)
    with without_directory(box.machine):
        box.run('sendmail', BOB.address, stdin=sent.as_bytes())
    _arrives_once(box, box, BOB, sent)


def test_mail_of_this_machine_waits_for_the_scanner(box: Host) -> None:
    sent = mail.message(f'root@{BOB.domain}', BOB.address)
    with _down(box, 'rspamd', SCANNER, crash=True):
        box.run('sendmail', BOB.address, stdin=sent.as_bytes())
    _arrives_once(box, box, BOB, sent)


def test_without_the_scanner_nothing_is_taken(box: Host, outside: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    with _down(box, 'rspamd', SCANNER, crash=True):
        assert 400 <= _from_outside(box)[0] < 500
        for port in (465, 587):
            assert 400 <= _submitted(box, port)[0] < 500
        _send_from_outside(outside, sent)
        _deferred(outside, sent)
    _arrives_once(box, outside, BOB, sent)


@pytest.mark.journal_may_say(r'rspamd.*redis')
def test_without_the_scanners_memory_mail_from_outside_waits(box: Host, outside: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    with _down(box, 'freedombox-email-redis'):
        assert 400 <= _from_outside(box)[0] < 500
        _send_from_outside(outside, sent)
        _deferred(outside, sent)
    _arrives_once(box, outside, BOB, sent)


@pytest.mark.journal_may_say(r'rspamd.*redis')
def test_without_the_scanners_memory_users_can_send(box: Host, outside: Host) -> None:
    sent = mail.message(ALICE.address, CAROL.address)
    with _down(box, 'freedombox-email-redis'):
        mail.submit(box.ip, ALICE, sent)
        content = mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
    assert mail.parsed(content)['DKIM-Signature']


@pytest.mark.journal_may_say(r'dovecot.*stats-writer')  # processes that end with Dovecot
def test_without_the_mail_store_mail_waits_in_the_queue(box: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    with _down(box, 'dovecot', 143):
        mail.deliver(box.ip, sent)
        assert 400 <= _submitted(box, 465)[0] < 500
        _deferred(box, sent)
    _arrives_once(box, box, BOB, sent)


@pytest.mark.journal_may_say(r'dovecot.*lmtp.*(write|failed to store|aborted)')
def test_a_full_disk_of_mailboxes_is_no_bounce(box: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address, 'Long.\n' * 20000)
    with _full(box, HOME, 'vmail'):
        mail.deliver(box.ip, sent)
        _deferred(box, sent)
    _arrives_once(box, box, BOB, sent)
