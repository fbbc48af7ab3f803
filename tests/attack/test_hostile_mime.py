# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages made to break a program that reads them: each is answered soon, and mail goes on.

A message that is taken arrives with its body as it was.

Rspamd of Debian 13 gets no security updates. Its later versions mend crashes with S/MIME parts and
with deep nesting, and a loop over signatures.
"""

import re
import smtplib
import time
from collections.abc import Callable

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host
from tests.integration import mail, shapes

ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
PATIENCE = 15.0
DEEP, MANY = 2_000, 5_000
_HEAD = (
    f'From: {CAROL.address}\r\nTo: {ALICE.address}\r\n'
    'Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n'
)


def deep_multiparts() -> str:
    """Parts in parts."""
    opened = ''.join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(DEEP)
    )
    closed = ''.join(f'\r\n--b{n}--' for n in reversed(range(DEEP)))
    return f'{_HEAD}{opened}\r\nHello.{closed}\r\n'


def deep_messages() -> str:
    """Messages in messages."""
    return _HEAD + 'Content-Type: message/rfc822\r\n\r\n' * DEEP + '\r\nHello.\r\n'


def many_parts() -> str:
    """More parts than a person sends."""
    parts = '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n' * MANY
    return f'{_HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n'


def one_boundary_for_all() -> str:
    """Parts in parts that all end with the same line."""
    opened = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n' * DEEP
    return f'{_HEAD}{opened}\r\nHello.\r\n--b--\r\n'


def broken_signature() -> str:
    """S/MIME without content, and with nonsense in it."""
    parts = ''.join(
        f'--b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{data}\r\n'
        for kind in ('application/pkcs7-mime', 'application/pkcs7-signature', 'application/x-pkcs7')
        for data in ('', 'MIAGCSqGSIb3DQEHAqCAMIACAQExAA==', 'MIID', '////')
    )
    return f'{_HEAD}Content-Type: multipart/signed; boundary=b\r\n\r\n{parts}--b--\r\n'


def bodies_that_are_none() -> str:
    """A DKIM signature of a body hash that is too long, too short, or of another length."""
    lines = ''.join(
        f'DKIM-Signature: v=1; a=rsa-sha256; d=outside.test; s=x; h=from; b=x; bh={bh}; '
        f'l={length}\r\n'
        for bh in ('', 'x', 'A' * 5000, '====')
        for length in ('0', '-1', '99999999999999999999')
    )
    return f'{lines}{_HEAD}\r\nHello.\r\n'


def long_names() -> str:
    """Names of parts and encodings without end."""
    name = 'x' * 50_000
    return (
        f'{_HEAD}Content-Type: multipart/mixed; boundary="b"; name="{name}"\r\n\r\n'
        f'--b\r\nContent-Type: text/plain; charset="{name}"\r\n'
        f'Content-Disposition: attachment; filename*0="{name}"; filename*0="x"\r\n\r\nx\r\n'
        '--b--\r\n'
    )


def many_lines() -> str:
    """A header without end."""
    return ''.join(f'X-{n}: x\r\n' for n in range(2 * MANY)) + f'{_HEAD}\r\nHello.\r\n'


def many_recipients() -> str:
    """More addresses in one line than Postfix leaves there."""
    return f'{_HEAD}Cc: {", ".join(["a@b.example"] * MANY)}\r\n\r\nHello.\r\n'


def control_characters() -> str:
    """Bytes that end a text in some programs, and lines in others."""
    return f'{_HEAD}X: a\0b\rc\x1b[2J\r\n\r\nHel\0lo \r.\r and\x0b \x0c\x7f\x1b[2J.\r\n'


def letters_no_one_declared() -> str:
    """Bytes that are no text, in names, in values and in the body."""
    return f'{_HEAD}X-Bytes: \xff\xfe\xc3\r\nX-Gr\xfc\xdfe: x\r\n\r\n\xff\xfe\xc3\x28 \x80\r\n'


def many_links() -> str:
    """Addresses of pages without end."""
    links = ''.join(f'http://{n}.example/{"%41" * 20}\r\n' for n in range(MANY))
    return f'{_HEAD}\r\n{links}'


def one_line() -> str:
    """A body of a megabyte without a line's end."""
    return f'{_HEAD}\r\n{"<b>" * 350_000}\r\n'


HOSTILE = (
    deep_multiparts, deep_messages, many_parts, one_boundary_for_all, broken_signature,
    bodies_that_are_none, long_names, many_lines, many_recipients, control_characters,
    letters_no_one_declared, many_links, one_line,
)  # fmt: skip


@pytest.mark.parametrize('make', HOSTILE)
def test_a_hostile_message_is_answered_and_mail_goes_on(box: Host, make: Callable[[], str]) -> None:
    scanners = _scanners(box)
    sent = mail.message(CAROL.address, ALICE.address)
    content = f'Subject: {sent["Subject"]}\r\n{make()}'.encode('latin-1')
    is_taken = _answered(box, content)
    assert _scanners(box) == scanners, 'a process of the scanner ended'
    if is_taken:
        assert shapes.divided(_delivered(box, sent))[1] == _shown(shapes.divided(content)[1])


def _shown(body: bytes) -> bytes:
    """A body as IMAP shows it.

    IMAP cannot say a byte 0 (RFC 9051), so Dovecot shows another one. Postfix has a blank for a
    carriage return without a line feed, behind which a second message could hide (SMTP smuggling).
    """
    return re.sub(rb'\r(?!\n)', b' ', body.replace(b'\0', b'\x80'))


def _answered(box: Host, content: bytes) -> bool:
    """Whether a message is taken; each answer comes soon, and does not change for ever."""
    codes: list[int] = []

    def once() -> None:
        with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=60) as session:
            session.sendmail(CAROL.address, ALICE.address, content)

    def is_final() -> bool:
        start = time.monotonic()
        code, text = mail.answer(once)
        assert time.monotonic() - start < PATIENCE
        codes.append(code)
        assert code == 250 or code >= 500 or 'Try again later' in text, f'{code} {text}'
        return code == 250 or code >= 500

    mail.in_time('an answer that is not: come again', is_final, 30)
    return codes[-1] == 250


def _delivered(box: Host, sent: mail.EmailMessage) -> bytes:
    """The message as it lies in the inbox, or in Junk."""
    found: list[bytes] = []

    def is_there() -> bool:
        with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
            seen = (mail.raw(session, sent, folder) for folder in ('INBOX', 'Junk'))
            found.extend(each for each in seen if each is not None)
        return bool(found)

    wait_for('the message', is_there, mail.PATIENCE, 0.3)
    return found[0]


def _scanners(box: Host) -> list[str]:
    """The processes that scan mail."""
    return sorted(box.run('pgrep', '--full', 'rspamd: rspamd_proxy').split())
