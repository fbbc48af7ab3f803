# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers to Roundcube's question as which addresses a user may send.

systemd starts this program for each connection to a socket that the web server's user alone
may open. The question is one line of JSON with a login and its password, the answer one line
with the addresses, and the page on which this user changes the password. It is tried at Dovecot,
as Roundcube did just before: so the web server learns nothing about users whose password it does
not hold, and guesses are counted.

DIAGNOSTICS
    no addresses    the question is none, the password is wrong, or something does not answer; the
                    last is said in the journal
"""

import imaplib
import json
import sys
from dataclasses import asdict, dataclass
from typing import BinaryIO

from ..directory.mailbox import Mailbox
from ..directory.sending import addresses_of, mailbox_of
from ..directory.store import Store
from ..errors import MailError

LONGEST = 8192
MOST = 100
"""More identities than a person can choose from."""
ACCOUNT_PAGE = '/freedombox/sys/users/{name}/change_password/'
"""FreedomBox's own page, for those whose password opens more than their mail."""
MAILBOX_PAGE = '/freedombox/apps/email/password/'
_SERVER = ('127.0.0.1', 143)
_SECONDS = 20


def read(line: bytes) -> tuple[str, str]:
    """Login and password of a question; ValueError when it is none."""
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError('no object')
    login, password = found.get('login'), found.get('password')
    if not isinstance(login, str) or not isinstance(password, str):
        raise ValueError('no login or password')
    if not login or not password or '\0' in login + password:
        raise ValueError('no login or password')
    return login, password


def opens(login: str, password: str) -> bool:
    """Whether a password opens a mailbox at Dovecot; OSError when Dovecot does not say."""
    secret = f'\0{login}\0{password}'.encode()
    with imaplib.IMAP4(*_SERVER, timeout=_SECONDS) as session:
        try:
            session.authenticate('PLAIN', lambda _challenge: secret)
        except imaplib.IMAP4.abort as error:
            raise OSError(str(error)) from error
        except imaplib.IMAP4.error:
            return False
    return True


@dataclass(frozen=True)
class SenderAnswer:
    """The addresses of a user, the main one first, and where the password is changed."""

    addresses: tuple[str, ...] = ()
    password_page: str = ''


def password_page(mailbox: Mailbox) -> str:
    """The page on which the password of a mailbox is changed."""
    return MAILBOX_PAGE if mailbox.stands_alone else ACCOUNT_PAGE.format(name=mailbox.owner)


def found(line: bytes) -> SenderAnswer:
    """The answer to a question."""
    login, password = read(line)
    if not opens(login, password):
        return SenderAnswer()
    with Store() as store:
        if (mailbox := mailbox_of(store, login)) is None:
            return SenderAnswer()
        return SenderAnswer(addresses_of(store, mailbox)[:MOST], password_page(mailbox))


def answer(line: bytes) -> bytes:
    """The line a question is answered with."""
    try:
        said = found(line)
    except (MailError, OSError, ValueError, imaplib.IMAP4.error) as error:
        # Its kind alone: the words of an error could quote what was asked.
        print(f'The addresses of a user were not found out: {type(error).__name__}',
              file=sys.stderr)  # fmt: skip
        said = SenderAnswer()
    return json.dumps(asdict(said)).encode() + b'\n'


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer one question."""
    target.write(answer(source.readline(LONGEST)))
    target.flush()


def main() -> None:
    """Serve the connection systemd hands over."""
    serve(sys.stdin.buffer, sys.stdout.buffer)
