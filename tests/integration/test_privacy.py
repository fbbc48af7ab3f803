# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of users names neither their place nor their program, and is signed."""

import re
import socket

import dkim
import pytest

from lab import settings
from tests.conftest import Host

from . import mail
from .lookup import txt_record

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
PROGRAM = 'Lab Mailer 1.2'
SECRETS = {
    **dict.fromkeys(
        ('User-Agent', 'X-Mailer', 'X-Originating-Client', 'X-PHP-Originating-Script', 'X-MimeOLE',
         'X-Newsreader', 'X-Enigmail', 'X-MSMail-Priority', 'X-Roundcube-Version'), PROGRAM,
    ),
    **dict.fromkeys(
        ('X-Originating-IP', 'X-Client-IP', 'X-Forwarded-For', 'X-Sender-IP'), '[192.0.2.77]',
    ),
    'Received': f'from laptop.lan ([192.0.2.77]) by {PROGRAM}; Sat, 1 Jan 2022 00:00:00 +0000',
}  # fmt: skip


def _submitted(box: Host, recipient: str, port: int) -> mail.EmailMessage:
    sent = mail.message(ALICE.address, recipient)
    for name, value in SECRETS.items():
        sent[name] = value
    mail.submit(box.ip, ALICE, sent, port)
    return sent


def _own_address(box: Host) -> str:
    """The address the box sees us at."""
    with socket.create_connection((box.ip, 25)) as connection:
        return str(connection.getsockname()[0])


@pytest.mark.parametrize('port', [465, 587])
def test_mail_for_elsewhere_is_clean_and_signed(box: Host, outside: Host, port: int) -> None:
    sent = _submitted(box, CAROL.address, port)
    content = mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
    _is_clean(content, _own_address(box))
    assert dkim.verify(content, dnsfunc=txt_record)


def test_mail_for_one_of_us_is_clean_too(box: Host) -> None:
    sent = _submitted(box, BOB.address, 465)
    _is_clean(mail.wait_for(box.ip, BOB, sent), _own_address(box))


def _is_clean(content: bytes, address: str) -> None:
    assert not re.search(rf'{re.escape(address)}\b'.encode(), content)
    for secret in ('192.0.2.77', PROGRAM, 'laptop'):
        assert secret.encode() not in content
    found = mail.parsed(content)
    assert not [name for name in SECRETS if name != 'Received' and found[name]]
    assert len(found.get_all('Received')) >= 2, 'a mail needs its traces, they end loops'
