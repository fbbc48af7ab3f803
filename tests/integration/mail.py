# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sending and reading mail as ordinary programs do: smtplib and imaplib, nothing of ours."""

import base64
import email
import imaplib
import json
import smtplib
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8, default
from email.utils import format_datetime

from lab import container, settings
from lab.host import wait_for as until
from lab.settings import LabUser
from tests.conftest import Host

HELO = f'mail.{settings.OUTSIDE_DOMAIN}'
PATIENCE = 60  # seconds until an answer, or a mail that does not arrive, counts as lost
REDIS = '/run/freedombox-email-redis/redis.sock'
_EARLIER = """
for _, key in ipairs(redis.call('KEYS', 'rg*')) do
    local first = tonumber(redis.call('GET', key))
    if first then redis.call('SET', key, string.format('%d', first - 61), 'KEEPTTL') end
end
"""


def tls() -> ssl.SSLContext:
    """A context for hosts whose certificates are self-signed in the lab."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def message(sender: str, recipient: str, body: str = 'Hello.\n', **headers: str) -> EmailMessage:
    """A mail with a subject of its own."""
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
    encrypted = port == 465
    with (
        smtplib.SMTP_SSL(ip, port, context=tls(), timeout=PATIENCE)
        if encrypted
        else smtplib.SMTP(ip, port, timeout=PATIENCE)
    ) as session:
        if not encrypted:
            session.starttls(context=tls())
        _authenticate(session, login, password)
        yield session


def _plain(login: str, password: str) -> bytes:
    """The message of SASL PLAIN; the login methods of Python know ASCII only."""
    return f'\0{login}\0{password}'.encode()


def _authenticate(session: smtplib.SMTP, login: str, password: str) -> None:
    session.ehlo()
    secret = base64.b64encode(_plain(login, password)).decode()
    code, text = session.docmd('AUTH', f'PLAIN {secret}')
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def submit(ip: str, user: LabUser, mail: EmailMessage, port: int = 465) -> None:
    """Hand in a mail as its sender."""
    with submission(ip, user.username, user.password, port) as session:
        session.send_message(mail)


def deliver(ip: str, mail: EmailMessage, sender: str | None = None) -> None:
    """Bring a mail to port 25 as another mail host does."""
    with smtplib.SMTP(ip, 25, local_hostname=HELO, timeout=PATIENCE) as session:
        session.send_message(mail, from_addr=sender)


def deliver_in_time(ip: str, mail: EmailMessage) -> None:
    """Bring a mail again and again until it is taken, as a host does that is told to wait."""
    in_time('the mail to be taken', lambda: answer(lambda: deliver(ip, mail))[0] == 250, 90)


def in_time(what: str, is_taken: Callable[[], bool], seconds: float) -> None:
    """Try until the box takes it; in between the time passes that greylisting asks to wait.

    The moments at which Rspamd first saw what it has asked to come later are moved back.
    """

    def tried() -> bool:
        if is_taken():
            return True
        container.execute(settings.BOX, ['redis-cli', '-s', REDIS, 'EVAL', _EARLIER, '0'])
        return False

    until(what, tried, seconds, 1)


def ask(ip: str, *recipients: str, sender: str = '') -> list[int]:
    """The answers of port 25 to recipients, without sending a mail."""
    with smtplib.SMTP(ip, 25, local_hostname=HELO, timeout=PATIENCE) as session:
        session.ehlo()
        options = ['SMTPUTF8'] if not ''.join(recipients).isascii() else []
        session.command_encoding = 'utf-8'
        session.mail(sender or settings.OUTSIDE_USERS[0].address, options)
        return [session.rcpt(recipient)[0] for recipient in recipients]


def restart_filter(box: Host) -> None:
    """Have Rspamd read its settings anew, and wait until it takes mail again."""
    box.run('systemctl', 'restart', 'rspamd')
    ping = ('curl', '--silent', '--fail', '--unix-socket', '/run/rspamd/controller.sock')
    until('Rspamd to answer', lambda: box.succeeds(*ping, 'http://x/ping'), 30, 0.1)


def as_sent(content: bytes) -> bytes:
    """A message with the ends of lines that all hosts use; smtplib sends bytes as they are."""
    return content.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')


def answer(send: Callable[[], object]) -> tuple[int, str]:
    """The answer of a mail host to an attempt to send: 250, or why it refuses."""
    try:
        send()
    except smtplib.SMTPRecipientsRefused as refusal:
        code, text = next(iter(refusal.recipients.values()))
        return code, text.decode()
    except smtplib.SMTPResponseException as refusal:
        text = refusal.smtp_error
        return refusal.smtp_code, text.decode() if isinstance(text, bytes) else text
    return 250, ''


@contextmanager
def mailbox(ip: str, login: str, password: str, encrypted: bool = True) -> Iterator[imaplib.IMAP4]:
    """Open a mailbox over IMAP."""
    if encrypted:
        session: imaplib.IMAP4 = imaplib.IMAP4_SSL(ip, 993, ssl_context=tls(), timeout=PATIENCE)
    else:
        session = imaplib.IMAP4(ip, 143, timeout=PATIENCE)
    with session:
        session.authenticate('PLAIN', lambda _: _plain(login, password))
        yield session


def numbers(session: imaplib.IMAP4, mail: EmailMessage, folder: str = 'INBOX') -> list[str]:
    """The numbers of all mails with the same subject."""
    session.select(folder, readonly=True)
    _, found = session.search(None, 'HEADER', 'Subject', f'"{mail["Subject"]}"')
    return [number.decode() for number in found[0].split()]


def raw(session: imaplib.IMAP4, mail: EmailMessage, folder: str = 'INBOX') -> bytes | None:
    """The bytes of a mail with the same subject, None if it isn't there."""
    for number in numbers(session, mail, folder):
        _, parts = session.fetch(number, '(RFC822)')
        if isinstance(parts[0], tuple):
            return bytes(parts[0][1])
    return None


def wait_for(
    ip: str, user: LabUser, mail: EmailMessage, folder: str = 'INBOX', *, encrypted: bool = True
) -> bytes:
    """Wait until a mail has arrived in a user's folder and return its bytes.

    Dovecot hangs up on those who are logging in when it reads its settings again.
    """
    end, content = time.monotonic() + PATIENCE, None
    while True:
        with (
            suppress(imaplib.IMAP4.abort, OSError),
            mailbox(ip, user.username, user.password, encrypted) as session,
        ):
            content = raw(session, mail, folder)
        if content is not None:
            return content
        if time.monotonic() > end:
            raise AssertionError(f'{mail["Subject"]!r} did not reach {folder} of {user.address}')
        time.sleep(0.3)


def parsed(content: bytes) -> EmailMessage:
    """A mail that arrived, to look at its headers."""
    return email.message_from_bytes(content, policy=default)


def waiting(host: Host, sender: str) -> list[str]:
    """The queue numbers of mail from a sender that is still in a host's queue."""
    lines = host.run('postqueue', '-j').splitlines()
    entries = [json.loads(line) for line in lines]
    return [entry['queue_id'] for entry in entries if entry['sender'] == sender]


def reads(box: Host, login: str, password: str) -> bool:
    """Whether a password opens a mailbox."""
    try:
        with mailbox(box.ip, login, password):
            return True
    except imaplib.IMAP4.error:
        return False


def sends(box: Host, login: str, password: str) -> bool:
    """Whether a password lets a user hand in mail."""
    try:
        with submission(box.ip, login, password):
            return True
    except smtplib.SMTPAuthenticationError:
        return False
