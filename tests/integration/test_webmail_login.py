# SPDX-License-Identifier: AGPL-3.0-or-later
"""A program of this box sends through localhost:25 with the user's password, no one else may."""

import base64
import json
import smtplib

from lab import settings
from tests.conftest import Host

from . import mail

ALICE, BOB = settings.USERS

_SESSION = """
import json, smtplib, sys
login, password, sender, recipient, text = json.load(sys.stdin)
with smtplib.SMTP(sys.argv[1], 25) as session:
    session.ehlo()
    session.login(login, password)
    session.sendmail(sender, recipient, text)
"""


def _by_webmail(box: Host, sent: mail.EmailMessage, sender: str, server: str = 'localhost') -> str:
    data = json.dumps([ALICE.username, ALICE.password, sender, BOB.address, sent.as_string()])
    return box.run('python3', '-c', _SESSION, server, stdin=data, check=False)


def test_webmail_sends_with_the_users_password(box: Host) -> None:
    sent = mail.message(ALICE.address, BOB.address)
    assert not _by_webmail(box, sent, ALICE.address)
    mail.wait_for(box.ip, BOB, sent)


def test_webmail_cannot_pose_as_someone_else(box: Host) -> None:
    assert '553' in _by_webmail(box, mail.message(BOB.address, BOB.address), BOB.address)
    assert '554' in _by_webmail(box, mail.message(BOB.address, BOB.address), ALICE.address)


def test_a_login_from_outside_is_refused_though_the_password_is_right(box: Host) -> None:
    secret = base64.b64encode(f'\0{ALICE.username}\0{ALICE.password}'.encode()).decode()
    with smtplib.SMTP(box.ip, 25, timeout=30) as session:
        session.starttls(context=mail.tls())
        session.ehlo()
        assert 500 <= session.docmd('AUTH', f'PLAIN {secret}')[0] < 600
