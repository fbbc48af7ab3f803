# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages made to break a program that reads them: each is answered soon, and mail goes on.

Rspamd of Debian 13 gets no security updates. Its later versions mend crashes with S/MIME parts and
with deep nesting, and a loop over signatures.
"""

import smtplib
import time
from collections.abc import Callable

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import mail

ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
PATIENCE = 15.0
DEEP, MANY = 2_000, 5_000
_HEAD = (
    f'From: {CAROL.address}\r\nTo: {ALICE.address}\r\nSubject: hostile\r\n'
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


@pytest.fixture(autouse=True, scope='module')
def _not_greylisted(box: Host) -> None:
    """Have the box take what carol writes at once."""
    mail.deliver_in_time(box.ip, mail.message(CAROL.address, ALICE.address))


@pytest.mark.parametrize(
    'make',
    [deep_multiparts, deep_messages, many_parts, one_boundary_for_all, broken_signature,
     bodies_that_are_none, long_names],
)  # fmt: skip
def test_a_hostile_message_is_answered_and_mail_goes_on(box: Host, make: Callable[[], str]) -> None:
    scanners = _scanners(box)
    start = time.monotonic()
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=60) as session:
        content = make().encode()
        code, text = mail.answer(lambda: session.sendmail(CAROL.address, ALICE.address, content))
    assert time.monotonic() - start < PATIENCE
    assert code == 250 or code >= 500, f'it would come again and again: {code} {text}'
    assert _scanners(box) == scanners, 'a process of the scanner ended'


def _scanners(box: Host) -> list[str]:
    """The processes that scan mail."""
    return sorted(box.run('pgrep', '--full', 'rspamd: rspamd_proxy').split())
