# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mailbox with a quarantine, and messages the filter is sure of or not, for tests."""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab import settings
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail

CALL = ('freedombox-email', 'quarantine')
MAIN = settings.DOMAINS[0]
CAROL = settings.OUTSIDE_USERS[0]
SERVICE = 'freedombox-email-quarantine.service'
_WORDS = ' '.join(f'word{number}' for number in range(60))

# Mail of the box's own programs is scanned, too, but never told to come again later.
_SEND = """
import smtplib, sys
with smtplib.SMTP('127.0.0.1') as session:
    session.sendmail(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
"""
_SURE = b"""Subject: once more\r
Reply-To: <x@bit.ly>\r
Message-ID: none\r
Content-Type: text/html\r
\r
<a href=http://1.2.3.4/x>http://paypal.com/</a><img src=http://a.test/x.png>\r
"""
"""Lines that no honest program writes, for a high score."""


@contextmanager
def person(box: Host, choice: str = 'on') -> Iterator[LabUser]:
    """Have a mailbox with a password and a choice of its own; its login is its address."""
    with directory.mailbox(box, f'kept-{uuid.uuid4().hex[:8]}@{MAIN}') as user:
        if choice:
            box.run(*CALL, 'mailbox', user.address, choice)
        yield LabUser(user.address, user.password, user.domain)


def address_of(user: LabUser) -> str:
    """The address of a mailbox, which is its login."""
    return user.username


def bring(box: Host, user: LabUser, sure: bool = False, subject: str = '') -> str:
    """A message of likely spam, whose subject is returned."""
    subject = subject or f'Offer {uuid.uuid4().hex[:8]}'
    head = b'To: undisclosed-recipients\xff@\xfe\r\nSubject: ' + subject.encode()
    head += b'\r\nFrom: \xff <' + CAROL.address.encode() + b'>\r\n'
    rest = _SURE if sure else f'\r\nBuy now. {_WORDS}\r\n'.encode()
    box.run('python3', '-c', _SEND, CAROL.address, address_of(user), stdin=head + rest)
    return subject


def listed(box: Host, user: LabUser) -> list[dict[str, Any]]:
    """The messages in quarantine."""
    found = json.loads(box.run(*CALL, 'list', '--json', address_of(user)))
    return list(found['quarantine']['messages'])


def kept(box: Host, user: LabUser, subject: str) -> dict[str, Any]:
    """A message once it is in quarantine."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        found[:] = [each for each in listed(box, user) if subject in each['subject']]
        return bool(found)

    wait_for(f'{subject!r} in quarantine', look, 60)
    return found[0]


def subjects(box: Host, user: LabUser, folder: str) -> list[str]:
    """The subjects of the messages in a folder."""
    command = ('doveadm', '-f', 'json', 'fetch', '-u', address_of(user), 'hdr.subject.utf8')
    found = json.loads(box.run(*command, 'mailbox', folder) or '[]')
    return [each['hdr.subject.utf8'] for each in found]


def digests(box: Host, user: LabUser) -> list[mail.EmailMessage]:
    """The messages about the quarantine that a person got."""
    found = []
    with mail.mailbox(box.ip, user.username, user.password) as session:
        session.select('INBOX', readonly=True)
        _, numbers = session.search(None, 'HEADER', 'Subject', '"messages in quarantine"')
        for number in numbers[0].split():
            _, parts = session.fetch(number.decode(), '(RFC822)')
            if isinstance(parts[0], tuple):
                found.append(mail.parsed(bytes(parts[0][1])))
    return found


def told(box: Host, user: LabUser) -> str:
    """The text of the one message about a quarantine, after the timer has run."""
    box.run('systemctl', 'start', SERVICE)
    wait_for('the message about the quarantine', lambda: bool(digests(box, user)), 60)
    (found,) = digests(box, user)
    return str(found.get_content())


def links(text: str, act: str) -> list[str]:
    """The secrets of the links for an act."""
    return re.findall(rf'(?m)^{act}:\s+https://\S+/quarantine/#(\S+)\s*$', text)
