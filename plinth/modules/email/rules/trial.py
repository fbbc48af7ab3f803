# SPDX-License-Identifier: AGPL-3.0-or-later
"""A filter tried on the latest messages in the inbox; nothing is stored, moved or sent.

Dovecot's own sieve-test decides, as the user mail belongs to. It gets the header of a message and
as many bytes as the message has: no condition is about more.

DIAGNOSTICS
    trial-failed   Dovecot could not read the mailbox, or took too long; the detail has its words
"""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config.users import MAIL_USER
from ..directory.mail_filter import MailFilter
from ..errors import MailError
from ..system import programs
from ..system.json_value import JsonValue
from .personal_script import probe

MOST_MESSAGES = 20
_SECONDS = 5.0
_LONGEST = 200
_LARGEST = 64 * 1024 * 1024
_DELIVERED_TO = re.compile(r'^Delivered-To:[ \t]*(\S+)[ \t]*$', re.I | re.M)


@dataclass(frozen=True)
class TriedMessage(JsonValue):
    """A message that meets the conditions of a filter."""

    sender: str
    subject: str
    received: str


@dataclass(frozen=True)
class FilterTrial(JsonValue):
    """The number of messages a filter was tried on, and those that meet its conditions."""

    tried: int
    found: tuple[TriedMessage, ...]


def _doveadm(*words: str) -> str:
    """The output of doveadm(1)."""
    with programs.failing_as('trial-failed'):
        ran = programs.run(['doveadm', *words], seconds=_SECONDS)
    if ran.code:
        raise MailError('trial-failed', ran.words)
    return ran.output


def _latest(address: str) -> list[dict[str, Any]]:
    """The latest messages in the inbox of a mailbox, the last one first."""
    lines = _doveadm('search', '-u', address, 'mailbox', 'INBOX', 'ALL').splitlines()
    numbers = [line.split()[1] for line in lines if len(line.split()) == 2][-MOST_MESSAGES:]
    if not numbers:
        return []
    fields = 'hdr hdr.from hdr.subject size.physical date.received'
    found: list[dict[str, Any]] = json.loads(
        _doveadm('-f', 'json', 'fetch', '-u', address, fields, 'mailbox', 'INBOX', 'uid',
                 ','.join(numbers))
    )  # fmt: skip
    return found[::-1]


@contextmanager
def _workplace(each: MailFilter) -> Iterator[Path]:
    """A folder with the conditions of a filter as a script, readable for Dovecot's user."""
    with tempfile.TemporaryDirectory(prefix='freedombox-email-trial-') as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / 'probe.sieve').write_text(probe(each), encoding='utf-8', newline='')
        yield folder


def _meets(folder: Path, address: str, message: dict[str, Any]) -> bool:
    """Whether a message meets the conditions."""
    head, path = str(message['hdr']), folder / 'message'
    path.write_text(f'{head.rstrip()}\n\n', encoding='utf-8', errors='replace', newline='')
    with path.open('r+b') as stream:
        stream.truncate(max(path.stat().st_size, min(int(message['size.physical']), _LARGEST)))
    recipient = _DELIVERED_TO.search(head)
    command = [
        'sieve-test', '-o', f'postmaster_address={address}',
        '-r', recipient[1] if recipient else address, str(folder / 'probe.sieve'), str(path),
    ]  # fmt: skip
    with programs.failing_as('trial-failed'):
        ran = programs.run(command, seconds=_SECONDS, account=MAIL_USER)
    if ran.code:
        raise MailError('trial-failed', ran.words)
    return '* discard' in ran.output


def _shown(message: dict[str, Any]) -> TriedMessage:
    """A message as the page shows it."""
    names = ('hdr.from', 'hdr.subject', 'date.received')
    sender, subject, received = (str(message[name])[:_LONGEST] for name in names)
    return TriedMessage(sender, subject, received)


def try_filter(address: str, each: MailFilter) -> FilterTrial:
    """Try a filter on as many of the latest messages as there is time for."""
    deadline, tried, found = time.monotonic() + _SECONDS, 0, list[TriedMessage]()
    with _workplace(each) as folder:
        for message in _latest(address):
            if time.monotonic() > deadline:
                break
            tried += 1
            if _meets(folder, address, message):
                found.append(_shown(message))
    return FilterTrial(tried, tuple(found))
