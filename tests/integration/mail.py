# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sending and reading mail as ordinary programs do: smtplib and imaplib, nothing of ours."""

import imaplib
import smtplib
import ssl
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime

from lab import settings
from lab.settings import User

HELO = f'mail.{settings.OUTSIDE_DOMAIN}'
PATIENCE = 60  # seconds until a mail that doesn't arrive counts as lost


def tls() -> ssl.SSLContext:
    """Return a context for hosts whose certificates are self-signed in the lab."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def message(sender: str, recipient: str, body: str = 'Hello.\n', **headers: str) -> EmailMessage:
    """Return a mail with a subject nobody has used before."""
    mail = EmailMessage(policy=SMTPUTF8)
    mail['From'] = sender
    mail['To'] = recipient
    mail['Date'] = format_datetime(datetime.now(UTC))
    mail['Subject'] = f'test {uuid.uuid4()}'
    mail['Message-ID'] = f'<{uuid.uuid4()}@{sender.rpartition("@")[2]}>'
    for name, value in headers.items():
        header = name.replace('_', '-')
        del mail[header]
        mail[header] = value
    mail.set_content(body)
    return mail


@contextmanager
def submission(ip: str, login: str, password: str, port: int = 465) -> Iterator[smtplib.SMTP]:
    """Open a session to hand in mail, logged in."""
    session: smtplib.SMTP
    if port == 465:
        session = smtplib.SMTP_SSL(ip, port, context=tls(), timeout=30)
    else:
        session = smtplib.SMTP(ip, port, timeout=30)
        session.starttls(context=tls())
    with session:
        session.login(login, password)
        yield session


def submit(ip: str, user: User, mail: EmailMessage, port: int = 465) -> None:
    """Hand in a mail as its sender."""
    with submission(ip, user.username, user.password, port) as session:
        session.send_message(mail)


def deliver(ip: str, mail: EmailMessage, sender: str | None = None) -> None:
    """Bring a mail to port 25 as another mail host does."""
    with smtplib.SMTP(ip, 25, local_hostname=HELO, timeout=30) as session:
        session.send_message(mail, from_addr=sender)


@contextmanager
def mailbox(ip: str, login: str, password: str, encrypted: bool = True) -> Iterator[imaplib.IMAP4]:
    """Open a mailbox over IMAP."""
    if encrypted:
        session: imaplib.IMAP4 = imaplib.IMAP4_SSL(ip, 993, ssl_context=tls(), timeout=30)
    else:
        session = imaplib.IMAP4(ip, 143, timeout=30)
    with session:
        session.login(login, password)
        yield session


def raw(session: imaplib.IMAP4, mail: EmailMessage, folder: str = 'INBOX') -> bytes | None:
    """Return the bytes of a mail with the same subject, None if it isn't there."""
    session.select(folder, readonly=True)
    _, found = session.search(None, 'HEADER', 'Subject', f'"{mail["Subject"]}"')
    for number in found[0].split():
        _, parts = session.fetch(number.decode(), '(RFC822)')
        if isinstance(parts[0], tuple):
            return bytes(parts[0][1])
    return None


def wait_for(
    ip: str, user: User, mail: EmailMessage, folder: str = 'INBOX', *, encrypted: bool = True
) -> bytes:
    """Wait until a mail has arrived in a user's folder and return its bytes."""
    end = time.monotonic() + PATIENCE
    while True:
        with mailbox(ip, user.username, user.password, encrypted) as session:
            content = raw(session, mail, folder)
        if content is not None:
            return content
        if time.monotonic() > end:
            raise AssertionError(f'{mail["Subject"]!r} did not reach {folder} of {user.address}')
        time.sleep(0.3)
