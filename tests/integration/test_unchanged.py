# SPDX-License-Identifier: AGPL-3.0-or-later
"""A message arrives as it was written; only its own header is changed, before it is signed."""

import re
import smtplib
from collections.abc import Mapping

import dkim
import pytest

from lab import settings
from lab.settings import LabUser
from tests.conftest import Host

from . import mail
from .lookup import txt_record

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]

_SENTENCE = '<p>grüße <a href="https://example.org/x?y=1">l</a></p>'
_EVIDENCE = b"""\
Received: from evil.invalid (evil.invalid [192.0.2.66])
\tby mx.outside.test (Postfix) with ESMTP id abc123
\tfor <x@outside.test>; Fri, 27 Nov 2026 10:00:00 +0000
LabUser-Agent: Forger 1.0
X-Mailer: Forger 1.0
X-Originating-IP: [192.0.2.66]
From: a@b.invalid
To: one@outside.test
To: two@outside.test
Subject: inner

inner body
"""


def _typed(kind: str, body: bytes, encoding: str = '8bit') -> bytes:
    head = f'MIME-Version: 1.0\nContent-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n'
    return head.encode() + body


def _parts(kind: str, *parts: bytes) -> bytes:
    inner = b''.join(b'--N\n' + part + b'\n' for part in parts)
    return _typed(f'multipart/{kind}; boundary=N', b'preamble \n' + inner + b'--N--\nepilogue\n')


_ATTACHED = b'Content-Type: message/rfc822\n\n' + _EVIDENCE
UNDECLARED = 'letters nobody declared'  # from outside, they are told to come again
_TEXT = b'Content-Type: text/plain\n\n- -- \n \ttrailing blanks \t \n.a dot\n\n\n'
MESSAGES: Mapping[str, bytes] = {
    **{
        f'a line of {length:,} bytes': _typed('text/plain', b'x' * length + b'\nend\n', '7bit')
        for length in (998, 999, 1500, 2048, 2049, 5000, 100_000)
    },
    'HTML in one line': _typed('text/html; charset=utf-8', _SENTENCE.encode() * 2000 + b'\n'),
    'an attached message': _parts('mixed', _TEXT, _ATTACHED),
    'a message within an attached one': _parts(
        'mixed', b'Content-Type: message/rfc822\n\nSubject: outer\n' + _parts('digest', _ATTACHED)
    ),
    'a signed message': _parts(
        'signed; protocol="application/pgp-signature"; micalg=pgp-sha256',
        b'Received: by nobody; Fri, 27 Nov 2026 10:00:00 +0000\nUser-Agent: x\n' + _TEXT,
        b'Content-Type: application/pgp-signature\n\nsignature\n',
    ),
    UNDECLARED: 'Größe\n'.encode('latin-1'),
}


Written = tuple[mail.EmailMessage, bytes]
"""A mail, and what goes over the line instead of it."""


def _written(
    sender: LabUser, recipient: LabUser, rest: bytes, without: tuple[str, ...] = ()
) -> Written:
    sent = mail.message(sender.address, recipient.address)
    names = ('From', 'To', 'Date', 'Subject', 'Message-ID')
    own = ''.join(f'{name}: {sent[name]}\n' for name in names if name not in without)
    blank = b'' if b'\n\n' in rest else b'\n'
    return sent, (own.encode() + blank + rest).replace(b'\n', b'\r\n')


def _hand_in(box: Host, recipient: LabUser, content: bytes) -> None:
    with mail.submission(box.ip, ALICE.username, ALICE.password) as session:
        session.sendmail(ALICE.address, [recipient.address], content, ['BODY=8BITMIME'])


def _bring(box: Host, content: bytes) -> None:
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
        session.sendmail(CAROL.address, [BOB.address], content, ['BODY=8BITMIME'])


def _head(content: bytes) -> list[bytes]:
    return content.partition(b'\r\n\r\n')[0].split(b'\r\n')


def _body(content: bytes) -> bytes:
    return content.partition(b'\r\n\r\n')[2]


def _arrives_whole(content: bytes, arrived: bytes) -> None:
    assert _body(arrived) == _body(content), 'the body was changed on the way'
    lost = set(_head(content)) - set(_head(arrived))
    assert not lost, 'lines of the header were changed on the way'


@pytest.mark.parametrize('rest', MESSAGES.values(), ids=MESSAGES.keys())
def test_mail_of_a_user_reaches_others_unchanged_and_signed(
    box: Host, outside: Host, rest: bytes
) -> None:
    sent, content = _written(ALICE, CAROL, rest)
    _hand_in(box, CAROL, content)
    arrived = mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
    _arrives_whole(content, arrived)
    assert dkim.verify(arrived, dnsfunc=txt_record), 'the signature is not valid any more'


@pytest.mark.parametrize('kind', [kind for kind in MESSAGES if kind != UNDECLARED])
def test_mail_of_others_reaches_a_user_unchanged(box: Host, kind: str) -> None:
    sent, content = _written(CAROL, BOB, MESSAGES[kind])
    _bring(box, content)
    _arrives_whole(content, mail.wait_for(box.ip, BOB, sent))


def test_mail_of_others_gets_no_line_it_came_without(box: Host) -> None:
    sent, content = _written(CAROL, BOB, b'Hello.\n', ('Date',))
    _bring(box, content)
    arrived = mail.wait_for(box.ip, BOB, sent)
    _arrives_whole(content, arrived)
    assert mail.parsed(arrived)['Date'] is None


def test_what_is_missing_is_added_before_signing(box: Host, outside: Host) -> None:
    sent, content = _written(ALICE, CAROL, b'Hello.\n', ('Date', 'Message-ID'))
    _hand_in(box, CAROL, content)
    arrived = mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
    found = mail.parsed(arrived)
    assert found['Date'].datetime
    assert found['Message-ID'].endswith('@example.test>')
    assert dkim.verify(arrived, dnsfunc=txt_record)
    for signature in found.get_all('DKIM-Signature'):
        signed = re.sub(r'\s', '', signature).partition(';h=')[2].partition(';')[0].split(':')
        assert {'date', 'message-id', 'from', 'to', 'subject'} <= set(signed)


ONCE = (
    'To', 'Cc', 'Subject', 'Date', 'Message-ID', 'Sender', 'Reply-To', 'In-Reply-To',
    'References', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding', 'From',
)  # fmt: skip


@pytest.mark.parametrize('name', ONCE)
def test_a_line_that_may_be_there_once_is_refused_twice(box: Host, name: str) -> None:
    sent, content = _written(ALICE, CAROL, b'Hello.\n', (name,))
    value = sent[name] or ('1.0' if name == 'MIME-Version' else ALICE.address)
    doubled = f'{name}: {value}\r\n'.encode() * 2 + content
    code, text = mail.answer(lambda: _hand_in(box, CAROL, doubled))
    assert (code, f'more than one {name} line' in text) == (554, True), text


MANY = ('Received', 'Resent-To', 'Resent-Date', 'List-Post', 'Comments', 'Keywords', 'Autocrypt')


def test_lines_that_may_be_there_often_leave_with_a_valid_signature(
    box: Host, outside: Host
) -> None:
    lines = b''.join(f'{name}: x\r\n'.encode() * 2 for name in MANY)
    sent, content = _written(ALICE, CAROL, b'Hello.\n')
    _hand_in(box, CAROL, lines + content)
    assert dkim.verify(mail.wait_for(outside.ip, CAROL, sent, encrypted=False), dnsfunc=txt_record)
