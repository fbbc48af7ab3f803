# SPDX-License-Identifier: AGPL-3.0-or-later
"""Of the eight cases (who sends, who receives, which port) exactly three pass."""

import smtplib
from email.message import EmailMessage

import pytest

from lab import settings
from tests.conftest import Host

from . import mail

ALICE, BOB = settings.USERS
CAROL, DAVE = settings.OUTSIDE_USERS
STRANGER = f'nobody-here@{settings.DOMAINS[0]}'

# sender, recipient, port, whether it passes
CASES = [
    (CAROL.address, ALICE.address, 25, True),
    (CAROL.address, DAVE.address, 25, False),
    (BOB.address, ALICE.address, 25, False),
    (BOB.address, CAROL.address, 25, False),
    (CAROL.address, ALICE.address, 465, False),
    (CAROL.address, DAVE.address, 465, False),
    (ALICE.address, BOB.address, 465, True),
    (ALICE.address, CAROL.address, 465, True),
]


def _send(ip: str, sent: EmailMessage, port: int) -> None:
    if port == 25:
        mail.deliver(ip, sent)
    else:
        mail.submit(ip, ALICE, sent, port)


@pytest.mark.parametrize(('sender', 'recipient', 'port', 'passes'), CASES)
def test_eight_cases(box: Host, sender: str, recipient: str, port: int, passes: bool) -> None:
    sent = mail.message(sender, recipient)
    if passes:
        _send(box.ip, sent, port)
    else:
        with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
            _send(box.ip, sent, port)


@pytest.mark.parametrize('port', [465, 587])
def test_a_login_cannot_write_another_name_in_from(box: Host, port: int) -> None:
    sent = mail.message(BOB.address, CAROL.address)
    with (
        mail.submission(box.ip, ALICE.username, ALICE.password, port) as session,
        pytest.raises(smtplib.SMTPResponseException) as refusal,
    ):
        session.send_message(sent, from_addr=ALICE.address)
    assert 500 <= refusal.value.smtp_code < 600


@pytest.mark.parametrize('name', ['Resent-From', 'resent-sender', ''])
def test_a_redirected_message_is_refused_with_what_to_do_instead(box: Host, name: str) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    if name:
        sent[name] = ALICE.address
    with (
        mail.submission(box.ip, ALICE.username, ALICE.password, 465) as session,
        pytest.raises(smtplib.SMTPResponseException) as refusal,
    ):
        session.send_message(sent, from_addr=ALICE.address, to_addrs=[BOB.address])
    assert b'may not send as' in refusal.value.smtp_error
    assert (b'forward it instead' in refusal.value.smtp_error) is bool(name)


def test_from_header_of_our_domain_from_outside_is_refused(box: Host) -> None:
    sent = mail.message(BOB.address, ALICE.address)
    with pytest.raises(smtplib.SMTPResponseException):
        mail.deliver(box.ip, sent, sender=CAROL.address)


def test_unknown_recipient_is_refused_at_once(box: Host) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        mail.deliver(box.ip, mail.message(CAROL.address, STRANGER))
    code, _ = refusal.value.recipients[STRANGER]
    assert code == 550


def test_no_login_is_offered_on_port_25(box: Host) -> None:
    with smtplib.SMTP(box.ip, 25, timeout=30) as session:
        session.ehlo()
        assert not session.has_extn('auth')
        session.starttls(context=mail.tls())
        session.ehlo()
        assert not session.has_extn('auth')


def test_no_login_is_offered_before_tls(box: Host) -> None:
    with smtplib.SMTP(box.ip, 587, timeout=30) as session:
        session.ehlo()
        assert not session.has_extn('auth')
        assert session.has_extn('starttls')
        session.starttls(context=mail.tls())
        session.ehlo()
        assert session.has_extn('auth')


@pytest.mark.parametrize('login', ['alice', 'ALICE', ALICE.address, ALICE.address.upper()])
def test_all_forms_of_a_login_work(box: Host, login: str) -> None:
    with mail.mailbox(box.ip, login, ALICE.password) as session:
        assert session.select('INBOX')[0] == 'OK'
    with mail.submission(box.ip, login, ALICE.password) as session:
        assert session.noop()[0] == 250


@pytest.mark.parametrize('login', ['alice*', 'alice)(uid=*', 'root', 'alice@second.test', '', '*'])
def test_other_logins_are_refused(box: Host, login: str) -> None:
    with (
        pytest.raises(smtplib.SMTPAuthenticationError) as refusal,
        mail.submission(box.ip, login, ALICE.password),
    ):
        pass
    # Not 454, however often it was tried: Dovecot answers before Postfix loses patience.
    assert refusal.value.smtp_code == 535


@pytest.mark.parametrize('recipient', [f'bob={BOB.domain}@here.invalid', 'reader@reports.invalid'])
def test_no_user_writes_to_names_of_services(box: Host, recipient: str) -> None:
    """An address inside leads past what the directory says of a mailbox."""
    sent = mail.message(ALICE.address, recipient)
    code, said = mail.answer(lambda: mail.submit(box.ip, ALICE, sent, 465))
    assert code == 550, said
