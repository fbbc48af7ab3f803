# SPDX-License-Identifier: AGPL-3.0-or-later
"""Logins are taken on the ports for them only; on port 25 from no one, this machine included."""

import base64
import json
import smtplib

import pytest

from lab import settings
from tests.conftest import Host

from . import mail

ALICE, BOB = settings.USERS

_SESSION = """
import json, smtplib, ssl, sys
server, port, login, password, sender, recipient, text = json.load(sys.stdin)
tls = ssl._create_unverified_context()
session = smtplib.SMTP_SSL(server, port, context=tls) if port == 465 else smtplib.SMTP(server, port)
with session:
    if port != 465:
        session.starttls(context=tls)
    session.login(login, password)
    session.sendmail(sender, recipient, text)
"""


def _by_webmail(box: Host, sent: mail.EmailMessage, sender: str, port: int) -> str:
    """Words of a program of the box that sends with a user's password; none when it could."""
    data = ['localhost', port, ALICE.username, ALICE.password, sender, BOB.address,
            sent.as_string()]  # fmt: skip
    return box.run('python3', '-c', _SESSION, stdin=json.dumps(data), check=False)


@pytest.mark.parametrize('port', [465, 587])
def test_webmail_sends_with_the_users_password(box: Host, port: int) -> None:
    sent = mail.message(ALICE.address, BOB.address)
    assert not _by_webmail(box, sent, ALICE.address, port)
    mail.wait_for(box.ip, BOB, sent)


@pytest.mark.parametrize('port', [465, 587])
def test_webmail_cannot_pose_as_someone_else(box: Host, port: int) -> None:
    assert '553' in _by_webmail(box, mail.message(BOB.address, BOB.address), BOB.address, port)
    assert '554' in _by_webmail(box, mail.message(BOB.address, BOB.address), ALICE.address, port)


def test_a_program_of_the_box_cannot_log_in_on_port_25(box: Host) -> None:
    said = _by_webmail(box, mail.message(ALICE.address, BOB.address), ALICE.address, 25)
    assert 'AUTH extension not supported' in said


def test_a_login_from_outside_is_refused_though_the_password_is_right(box: Host) -> None:
    secret = base64.b64encode(f'\0{ALICE.username}\0{ALICE.password}'.encode()).decode()
    with smtplib.SMTP(box.ip, 25, timeout=30) as session:
        assert not session.has_extn('auth')
        assert 500 <= session.docmd('AUTH', f'PLAIN {secret}')[0] < 600
        session.starttls(context=mail.tls())
        session.ehlo()
        assert not session.has_extn('auth')
        assert 500 <= session.docmd('AUTH', f'PLAIN {secret}')[0] < 600
