# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mailboxes are open over IMAP, POP3 and ManageSieve, and only where the line is encrypted."""

import imaplib
import poplib
import re

import pytest

from lab import settings
from tests.conftest import Host

from . import mail
from .managesieve import ManageSieve, RefusedScriptError

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]

FILING = 'require ["fileinto", "mailbox"];\nif header :contains "Subject" "{}" {{\n' + (
    '  fileinto :create "Filed";\n}}\n'
)


def test_folders_say_what_they_are_for(box: Host) -> None:
    with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
        assert b'SPECIAL-USE' in session.capability()[1][0].split()
        _, lines = session.list('(SPECIAL-USE) ""', '*')
    found = dict(re.findall(r'(\\\w+)\) "/" "?(\w+)', b'\n'.join(lines).decode()))
    uses = {f'\\{name}': name for name in ('Archive', 'Drafts', 'Junk', 'Sent', 'Trash')}
    assert found == uses


def test_folders_are_there_from_the_start(box: Host) -> None:
    with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
        for folder in ('Archive', 'Drafts', 'Junk', 'Sent', 'Trash'):
            assert session.select(folder, readonly=True)[0] == 'OK'


def test_no_imap_login_before_tls(box: Host) -> None:
    with imaplib.IMAP4(box.ip, 143, timeout=30) as session:
        assert 'LOGINDISABLED' in session.capabilities
        with pytest.raises(imaplib.IMAP4.error):
            session.login(ALICE.username, ALICE.password)
        session.starttls(mail.tls())
        assert 'LOGINDISABLED' not in session.capabilities
        assert session.login(ALICE.username, ALICE.password)[0] == 'OK'


def test_pop3_reads_mail(box: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    mail.deliver(box.ip, sent)
    mail.wait_for(box.ip, BOB, sent)
    session = poplib.POP3_SSL(box.ip, 995, context=mail.tls(), timeout=30)
    session.user(BOB.username)
    session.pass_(BOB.password)
    count = session.stat()[0]
    assert str(sent['Subject']).encode() in b'\n'.join(session.top(count, 0)[1])
    session.quit()


def test_pop3_is_not_spoken_in_clear(box: Host) -> None:
    with pytest.raises(OSError, match=r'refused|route|timed out'):
        poplib.POP3(box.ip, 110, timeout=5)
    assert not box.run('ss', '-Hltn', 'sport = :110')


def test_no_managesieve_login_before_tls(box: Host) -> None:
    with ManageSieve(box.ip) as session:
        assert session.mechanisms == ''
        with pytest.raises(RefusedScriptError):
            session.login(BOB.username, BOB.password)
        session.starttls()
        assert 'PLAIN' in session.mechanisms
        with pytest.raises(RefusedScriptError):
            session.login(BOB.username, 'a wrong password')
        session.login(BOB.username, BOB.password)


def test_an_uploaded_script_is_obeyed(box: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    with ManageSieve(box.ip) as session:
        session.starttls()
        session.login(BOB.username, BOB.password)
        with pytest.raises(RefusedScriptError):
            session.put('broken', 'fileinto "no such thing')
        session.put('filing', FILING.format(sent['Subject']))
        session.activate('filing')
        try:
            mail.deliver(box.ip, sent)
            mail.wait_for(box.ip, BOB, sent, 'Filed')
        finally:
            session.activate('')
            session.delete('filing')
    with mail.mailbox(box.ip, BOB.username, BOB.password) as imap:
        imap.delete('Filed')


def test_a_script_of_a_user_starts_no_program(box: Host) -> None:
    with ManageSieve(box.ip) as session:
        session.starttls()
        session.login(BOB.username, BOB.password)
        with pytest.raises(RefusedScriptError):
            session.put('pipe', 'require "vnd.dovecot.pipe";\npipe "learn" ["spam"];\n')
