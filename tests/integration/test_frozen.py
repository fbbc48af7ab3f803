# SPDX-License-Identifier: AGPL-3.0-or-later
"""A frozen mailbox: sessions end, the mail app shows why, and mail still arrives."""

import imaplib
import json
import poplib
import smtplib
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from lab import settings
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import mail, misuse
from .imap import Imap
from .misuse import CALL, MAIN

ALICE = settings.USERS[0]
SENTENCE = 'Moving house until Monday.'


def _imap(box: Host, login: str, password: str) -> str:
    try:
        with mail.mailbox(box.ip, login, password):
            return ''
    except imaplib.IMAP4.error as error:
        return str(error)


def _pop3(box: Host, login: str, password: str) -> str:
    session = poplib.POP3_SSL(box.ip, 995, context=mail.tls(), timeout=30)
    try:
        session.user(login)
        session.pass_(password)
    except poplib.error_proto as error:
        return str(error)
    finally:
        session.close()
    return ''


def _smtp(box: Host, login: str, password: str) -> str:
    try:
        with mail.submission(box.ip, login, password):
            return ''
    except smtplib.SMTPAuthenticationError as error:
        return error.smtp_error.decode() if isinstance(error.smtp_error, bytes) else ''


def refusals(box: Host, login: str, *passwords: str) -> list[str]:
    """The words with which each service refuses each password, at once; '' where it does not."""
    tries = [(service, each) for service in (_imap, _pop3, _smtp) for each in passwords]
    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(lambda one: one[0](box, login, one[1]), tries))


def make(box: Host, owner: str, label: str) -> str:
    """A new app password."""
    return str(misuse.told(box, 'app-password', 'add', owner, label)['password']['password'])


@contextmanager
def handing_in(box: Host, user: LabUser, password: str, source: str = '') -> Iterator[smtplib.SMTP]:
    """A connection by which mail is handed in, which the box may end."""
    where = (source, 0) if source else None
    smtp = smtplib.SMTP_SSL(box.ip, 465, context=mail.tls(), timeout=30, source_address=where)
    try:
        smtp.login(user.address, password)
        yield smtp
    finally:
        smtp.close()


def test_a_frozen_mailbox(box: Host) -> None:
    with misuse.person(box) as user:
        phone = make(box, user.address, 'Phone')
        with Imap(box.ip, user.address, phone) as imap, handing_in(box, user, phone) as smtp:
            frozen = misuse.told(box, 'mailbox', 'freeze', user.address, SENTENCE)
            assert [each['label'] for each in frozen['passwords']] == ['Phone']
            assert frozen['passwords'][0]['last_read'], 'last use is shown'
            assert misuse.is_ended(imap)
            with pytest.raises((smtplib.SMTPException, OSError)):
                smtp.sendmail(user.address, [ALICE.address], 'Subject: x\n\nx')
        words = refusals(box, user.address, phone, user.password)
        assert all(SENTENCE in each for each in words), words
        words = refusals(box, user.address, 'a wrong one')
        assert all(words)
        assert SENTENCE not in ''.join(words), 'only for those who know the password'
        arriving = mail.message(ALICE.address, user.address)
        mail.submit(box.ip, ALICE, arriving)
        box.run(CALL, 'mailbox', 'unfreeze', user.address)
        assert not any(refusals(box, user.address, phone))
        wait_for('the mail of meanwhile', lambda: _has(box, user.address, phone, arriving), 30)


def _has(box: Host, login: str, password: str, message: object) -> bool:
    with mail.mailbox(box.ip, login, password) as session:
        return mail.raw(session, message) is not None  # type: ignore[arg-type]


@pytest.mark.long
def test_the_app_password_of_a_person_is_refused_with_the_sentence(box: Host) -> None:
    phone = make(box, 'alice', 'Phone')
    box.run(CALL, 'mailbox', 'freeze', ALICE.address, 'Grüße aus Wien')
    try:
        for login in ('alice', ALICE.address):
            found = refusals(box, login, phone, ALICE.password)
            assert all('aus Wien' in words for words in found), found
    finally:
        box.run(CALL, 'mailbox', 'unfreeze', ALICE.address)
        box.run(CALL, 'app-password', 'remove', phone[:4])
    assert mail.reads(box, 'alice', ALICE.password)


@pytest.mark.long
def test_a_mailbox_that_is_off_says_why(box: Host) -> None:
    with misuse.person(box) as user:
        box.run(CALL, 'mailbox', 'disable', user.address)
        assert SENTENCE not in ''.join(refusals(box, user.address, user.password))
        box.run(CALL, 'mailbox', 'login-message', user.address, SENTENCE)
        found = refusals(box, user.address, user.password)
        assert all(SENTENCE in words for words in found), found
        assert mail.ask(box.ip, user.address) == [550], 'mail is refused as before'
        box.run(CALL, 'mailbox', 'login-message', user.address)
        box.run(CALL, 'mailbox', 'enable', user.address)
        assert mail.reads(box, user.address, user.password)


@pytest.mark.long
def test_revoking_an_app_password_ends_its_sessions_alone(box: Host) -> None:
    with misuse.person(box) as user:
        stolen, phone = (make(box, user.address, label) for label in ('Stolen', 'Phone'))
        with (
            Imap(box.ip, user.address, stolen) as theirs,
            Imap(box.ip, user.address, phone) as own,
            handing_in(box, user, stolen) as smtp,
        ):
            box.run(CALL, 'app-password', 'remove', stolen[:4])
            assert misuse.is_ended(theirs)
            with pytest.raises((smtplib.SMTPException, OSError)):
                smtp.sendmail(user.address, [ALICE.address], 'Subject: x\n\nx')
            own.do('NOOP')
        assert mail.sends(box, user.address, phone)


@pytest.mark.long
def test_it_is_carried_by_a_site_file(box: Host) -> None:
    with misuse.person(box, per_hour=7, first_time=9) as user:
        box.run(CALL, 'mailbox', 'freeze', user.address, SENTENCE)
        text = box.run(CALL, 'export')
        part = text[text.index(user.address) :]
        for words in ('recipients_hour: 7', 'first_time_day: 9', f'closed: {SENTENCE}'):
            assert words in part
        box.run(CALL, 'limits', 'mailbox', user.address, '--per-hour=0')
        box.run(CALL, 'mailbox', 'unfreeze', user.address)
        box.run('sh', '-c', f'cat > /run/misuse.yaml; {CALL} apply /run/misuse.yaml', stdin=text)
        listed = json.loads(box.run(CALL, 'mailbox', 'list', user.address, '--json'))['mailboxes']
        assert (listed[0]['recipients_hour'], listed[0]['closed']) == (7, SENTENCE)


def test_a_sentence_is_one_short_line(box: Host) -> None:
    mark = uuid.uuid4().hex
    for sentence in ('two\nlines', 'x' * 201, f'\x1b[1m{mark}'):
        assert not box.succeeds(CALL, 'mailbox', 'freeze', f'bob@{MAIN}', sentence)
    assert mail.reads(box, 'bob', settings.USERS[1].password)
