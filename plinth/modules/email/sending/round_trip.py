# SPDX-License-Identifier: AGPL-3.0-or-later
"""A test message to a mailbox elsewhere, and what came back.

NAME
    round_trip - send one message out, and look for its answer in the mailbox of its sender

DESCRIPTION
    The Message-ID of the test is random and known to those alone who got the message. Only messages
    that came after it and that refer to it are read, in the folders a new one can be in; nothing
    is marked or moved. There is one test at a time, and it is forgotten after a week.

DIAGNOSTICS
    round-trip-here   the address is one of this box, so the message would never leave it
    address-invalid   this is no address a message can be sent to
    trial-failed      Dovecot could not read the mailbox, or took too long
    And what `system_mail` and `directory.verbs.own` say.
"""

import json
import pathlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from ..directory.address import parse
from ..directory.domain import Domain
from ..directory.person import of_user
from ..directory.store import Store
from ..directory.verbs import own
from ..errors import MailError
from ..system import files, programs
from ..system.json_value import JsonValue
from ..words import round_trip as words
from . import returned, system_mail
from .returned import RoundTripAnswer

PATH = pathlib.Path('/var/lib/freedombox-email/round-trip.json')
FOLDERS = ('INBOX', 'Junk')
KEPT = timedelta(days=7)
MOST_ANSWERS = 5
MOST_BYTES = 1_000_000
_SECONDS = 5.0
_NO_FOLDER = 68
"""The exit status of doveadm where there is no such folder (EX_NOHOST)."""
_FIELDS = 'uid size.physical hdr.in-reply-to hdr.references hdr.content-type'


@dataclass(frozen=True)
class SentTest(JsonValue):
    """The test message under way."""

    sender: str
    to: str
    message_id: str
    sent: datetime


@dataclass(frozen=True)
class RoundTrip(JsonValue):
    """The test as the page shows it: where it went, when, and the answer to it."""

    sender: str
    to: str
    sent: datetime
    answer: RoundTripAnswer | None = None


def _kept() -> SentTest | None:
    """The test under way, None when there is none, or an old one."""
    try:
        found = SentTest.from_json(json.loads(PATH.read_text(encoding='utf-8')))
    except (OSError, ValueError):
        return None
    return found if found.sent > datetime.now(UTC) - KEPT else None


def compose(sender: str, to: str, message_id: str) -> EmailMessage:
    """The test message; it asks for an answer, so it does not say that a program wrote it."""
    message = EmailMessage()
    message['From'] = sender
    message['To'] = to
    message['Subject'] = words.SUBJECT
    message['Date'] = formatdate()
    message['Message-ID'] = message_id
    message.set_content(f'{words.TEXT}\n')
    return message


def send(user: str, to: str) -> RoundTrip:
    """Send a test message from the mailbox of a user to an address elsewhere."""
    with Store() as store:
        sender = own.main_address(store, of_user(store, user))
        address = parse(to)
        if store.find(Domain, address.domain):
            raise MailError('round-trip-here', domain=address.domain)
    if not str(address).isascii():
        raise MailError('address-invalid')
    mark = f'<email-test.{secrets.token_hex(16)}@{parse(sender).domain}>'
    test = SentTest(sender, str(address), mark, datetime.now(UTC).replace(microsecond=0))
    files.put(PATH, json.dumps(test.to_json()).encode(), 0o600)
    system_mail.send(compose(sender, test.to, mark), sender)
    return RoundTrip(test.sender, test.to, test.sent)


def look(user: str) -> RoundTrip | None:
    """The test a user has under way, with its answer if one has come."""
    with Store() as store:
        sender = own.main_address(store, of_user(store, user))
    test = _kept()
    if test is None or test.sender != sender:
        return None
    domain = parse(test.to).domain
    found = (returned.read(each, test.message_id, domain) for each in _candidates(test))
    answers = sorted(filter(None, found), key=_worth)
    return RoundTrip(test.sender, test.to, test.sent, answers[-1] if answers else None)


def _worth(answer: RoundTripAnswer) -> tuple[bool, bool, bool, bool]:
    """How much an answer tells: one with results, then any other, then a bounce."""
    is_reply = not answer.is_bounce
    return bool(answer.theirs), bool(answer.received), is_reply, bool(answer.ours)


def _doveadm(address: str, *query: str) -> list[dict[str, Any]]:
    """The part of a mailbox that doveadm(1) reads; a folder that was never used is empty."""
    with programs.failing_as('trial-failed'):
        ran = programs.run(['doveadm', '-f', 'json', 'fetch', '-u', address, *query],
                           seconds=_SECONDS)  # fmt: skip
    if ran.code == _NO_FOLDER:
        return []
    if ran.code:
        raise MailError('trial-failed', ran.words)
    found: list[dict[str, Any]] = json.loads(ran.output or '[]')
    return found


def _candidates(test: SentTest) -> Iterator[bytes]:
    """Yield the messages that came after the test and may be about it."""
    since = str(int(test.sent.timestamp()))
    for folder in FOLDERS:
        place = ('mailbox', folder, 'savedsince', since)
        found = [each for each in _doveadm(test.sender, _FIELDS, *place) if _may_be(each, test)]
        for each in found[-MOST_ANSWERS:]:
            parts = _doveadm(test.sender, 'text', 'mailbox', folder, 'uid', str(each['uid']))
            yield from (str(part['text']).encode('utf-8', 'replace') for part in parts)


def _may_be(message: dict[str, Any], test: SentTest) -> bool:
    """Whether a message may be about the test: an answer to it, or one with a copy in it."""
    if int(message.get('size.physical', MOST_BYTES)) >= MOST_BYTES:
        return False
    said = f'{message.get("hdr.in-reply-to", "")} {message.get("hdr.references", "")}'
    kind = str(message.get('hdr.content-type', '')).strip().lower()
    return test.message_id in said or kind.startswith('multipart/')
