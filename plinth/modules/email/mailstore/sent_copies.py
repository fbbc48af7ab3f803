# SPDX-License-Identifier: AGPL-3.0-or-later
"""Copies of what members send as a shared mailbox, in the folder Sent of that mailbox.

NAME
    sent_copies - LMTP (RFC 2033) on a socket for Postfix alone, as the user all mail belongs to

DESCRIPTION
    Each mail app saves sent mail where it likes, most often in the member's own folder. So Postfix
    hands a copy of what is submitted with the address of a shared mailbox to this program, which
    systemd starts for each connection. It waits a moment, for an app that saves the message in the
    joint folder itself, and saves it only if there is none with its Message-ID.

DIAGNOSTICS
    451    Dovecot could not save it; Postfix tries again
    550    the recipient is not a mailbox of ours, or the sender is another one
"""

import email
import email.policy
import json
import re
import sys
import time
from collections.abc import Iterator
from typing import BinaryIO

from ..config.sent import SENT
from ..errors import MailError
from ..system import programs

FOLDER = 'Sent'
WAIT = 8.0
"""Seconds in which a mail app saves the message itself; most do so at once."""
_LATELY = '1d'
_SECONDS = 60.0
_RECIPIENT = re.compile(rf'<(.+)=([^=@<>]+)@{re.escape(SENT)}>', re.IGNORECASE)
_SENDER = re.compile(r'<([^@<>]+)@[^@<>]+>')
_LONGEST = 4096


def _doveadm(*words: str, stdin: bytes = b'') -> str:
    ran = programs.run(['doveadm', *words], stdin=stdin, seconds=_SECONDS)
    if ran.code:
        raise MailError('copy-failed.mail', ran.words, name=words[words.index('-u') + 1])
    return ran.output


def _is_there(address: str, message_id: str) -> bool:
    """Whether the folder holds a message with this Message-ID that was saved lately."""
    found = _doveadm('-f', 'json', 'fetch', '-u', address, 'hdr.message-id',
                     'mailbox', FOLDER, 'savedsince', _LATELY)  # fmt: skip
    ids = {str(each.get('hdr.message-id', '')).strip() for each in json.loads(found or '[]')}
    return message_id in ids


def save(address: str, message: bytes, wait: float = WAIT) -> None:
    """Save a message in the folder of sent mail, unless its app does so itself."""
    parsed = email.message_from_bytes(message, policy=email.policy.compat32)
    message_id = str(parsed.get('Message-ID', '')).strip()
    time.sleep(wait)
    if not message_id or not _is_there(address, message_id):
        _doveadm('save', '-u', address, '-m', FOLDER, stdin=message)
        _doveadm('flags', 'add', '-u', address, '\\Seen', 'mailbox', FOLDER, 'unseen',
                 'savedsince', _LATELY)  # fmt: skip


def address_in(line: str) -> str:
    """The shared mailbox a recipient of Postfix's stands for, '' where it is none."""
    found = _RECIPIENT.search(line)
    return f'{found[1]}@{found[2]}' if found else ''


def is_of(line: str, address: str) -> bool:
    """Whether a sender is a mailbox, in any of its domains."""
    found = _SENDER.search(line)
    return bool(found) and found is not None and found[1].lower() == address.rpartition('@')[0]


class SentConversation:
    """One connection of Postfix."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source = source
        self._target = target
        self._sender = ''
        self._addresses: list[str] = []

    def _say(self, *lines: str) -> None:
        self._target.write(''.join(f'{line}\r\n' for line in lines).encode())
        self._target.flush()

    def _lines(self) -> Iterator[str]:
        while line := self._source.readline(_LONGEST):
            yield line.decode(errors='replace').strip()

    def run(self) -> None:
        """Answer until the end."""
        self._say('220 freedombox-email LMTP')
        for line in self._lines():
            verb = line.upper()
            if verb.startswith('QUIT'):
                self._say('221 2.0.0 Bye')
                return
            self._answer(verb, line)

    def _answer(self, verb: str, line: str) -> None:
        """Answer one command."""
        if verb.startswith('LHLO'):
            self._say('250-freedombox-email', '250-8BITMIME', '250-SMTPUTF8',
                      '250 ENHANCEDSTATUSCODES')  # fmt: skip
        elif verb.startswith('MAIL FROM:'):
            self._sender, self._addresses = line, []
            self._say('250 2.1.0 OK')
        elif verb.startswith('RCPT TO:'):
            self._receive(line)
        elif verb == 'DATA':
            self._take()
        elif verb in ('RSET', 'NOOP'):
            self._say('250 2.0.0 OK')
        else:
            self._say('502 5.5.2 Not known')

    def _receive(self, line: str) -> None:
        address = address_in(line)
        if not address or not is_of(self._sender, address):
            self._say('550 5.1.1 Not the folder of its sender')
            return
        self._addresses.append(address)
        self._say('250 2.1.5 OK')

    def _take(self) -> None:
        """Take a message, and answer for each of its mailboxes."""
        if not self._addresses:
            self._say('503 5.5.1 No recipient')
            return
        self._say('354 Go on')
        message = b''.join(self._content())
        for address in self._addresses:
            try:
                save(address, message)
                self._say('250 2.0.0 Saved')
            except (MailError, ValueError) as error:
                detail = getattr(error, 'detail', str(error))
                print(f'Sent mail of {address} was not saved: {detail}', file=sys.stderr)
                self._say('451 4.2.0 Not saved')
        self._addresses = []

    def _content(self) -> Iterator[bytes]:
        """Yield the lines of a message until its end (RFC 5321, 4.5.2)."""
        while (line := self._source.readline()) and line != b'.\r\n':
            yield line[1:] if line.startswith(b'.') else line


def main() -> None:
    """Serve the connection systemd hands over."""
    SentConversation(sys.stdin.buffer, sys.stdout.buffer).run()
