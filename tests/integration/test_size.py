# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages of up to 50 MB pass in both directions, larger ones are refused before they are sent."""

import smtplib
from email.message import EmailMessage

import pytest

from lab import settings
from tests.conftest import Host

from . import mail

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
LIMIT = 50 * 1024 * 1024
_LINE = b'0123456789abcdef' * 4 + b'\r\n'


@pytest.mark.parametrize('port', [25, 587])
def test_a_larger_message_is_refused_when_announced(box: Host, port: int) -> None:
    with smtplib.SMTP(box.ip, port, local_hostname=mail.HELO, timeout=30) as session:
        session.ehlo()
        assert session.esmtp_features['size'] == str(LIMIT)
        if port == 587:
            session.starttls(context=mail.tls())
            session.login(ALICE.username, ALICE.password)
        sender = ALICE.address if port == 587 else CAROL.address
        assert session.mail(sender, [f'SIZE={LIMIT + 1}'])[0] == 552
        assert session.mail(sender, [f'SIZE={LIMIT - 1}'])[0] == 250


@pytest.mark.parametrize(('more', 'code'), [(56_000, 250), (61_000, 554)])
def test_a_header_field_that_would_be_cut_is_refused(box: Host, more: int, code: int) -> None:
    """Postfix leaves no more than 60,000 bytes of one, less up to a piece it reads (2,048)."""
    sent = mail.message(ALICE.address, BOB.address)
    ids = '<a@example.test>\n ' * (more // 18)
    content = f'References: {ids}<b@example.test>\n'.encode()
    with mail.submission(box.ip, ALICE.username, ALICE.password) as session:
        whole = (content + sent.as_bytes()).replace(b'\n', b'\r\n')
        found = mail.answer(lambda: session.sendmail(ALICE.address, [BOB.address], whole))
    assert found[0] == code
    assert ('header is longer than 57,000 bytes' in found[1]) is (code == 554)


def _large(sent: EmailMessage) -> bytes:
    """A mail of 49 MB."""
    head = sent.as_bytes().replace(b'\n', b'\r\n')
    return head + _LINE * ((49 * 1024 * 1024 - len(head)) // len(_LINE))


def test_a_large_message_comes_in(box: Host) -> None:
    sent = mail.message(CAROL.address, BOB.address)
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=120) as session:
        session.sendmail(CAROL.address, BOB.address, _large(sent))
    _arrived(box.ip, BOB.username, BOB.password, sent, encrypted=True)


@pytest.mark.long
def test_a_large_message_goes_out(box: Host, outside: Host) -> None:
    sent = mail.message(ALICE.address, CAROL.address)
    with mail.submission(box.ip, ALICE.username, ALICE.password) as session:
        session.sendmail(ALICE.address, CAROL.address, _large(sent))
    _arrived(outside.ip, CAROL.username, CAROL.password, sent, encrypted=False)


def _arrived(ip: str, login: str, password: str, sent: EmailMessage, *, encrypted: bool) -> None:
    """Wait for a mail, look at its size, and remove it, for it is in the way of all."""
    user = settings.LabUser(login, password, '')
    content = mail.wait_for(ip, user, sent, encrypted=encrypted)
    assert len(content) > 49 * 1024 * 1024 - 1000
    with mail.mailbox(ip, login, password, encrypted) as session:
        for number in mail.numbers(session, sent):
            session.select('INBOX')
            session.store(number, '+FLAGS', '\\Deleted')
        session.expunge()
