# SPDX-License-Identifier: AGPL-3.0-or-later
"""The links by which a guardian decides on a message without a login: made, looked at, used once.

A link stands for one message, by its name and a hash of its content, and for one guardian. Its
secret is random, so no one can make one, and only its hash is kept, in a file of root's. It is void
once the message is approved or deleted, the person is no guardian any more, or its days are over.

DIAGNOSTICS
    approval-invalid    the link is unknown, used or too old
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..directory.entry import now
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..mailstore import waiting
from ..mailstore.waiting import WaitingMessage
from ..system import files
from ..system.json_value import JsonValue
from . import guarding

PATH = Path('/var/lib/freedombox-email/approval-links.json')
LOCK = Path('/run/freedombox-email-approval.lock')
DAYS = 14
MOST = 2000
_SECONDS = 10


@dataclass(frozen=True)
class ApprovalLink(JsonValue):
    """A message a guardian may decide on until a moment."""

    address: str
    message: str
    digest: str
    guardian: str
    expires: datetime


@dataclass(frozen=True)
class LinkedMessage(JsonValue):
    """The message a link is for, and whose it is."""

    address: str
    message: WaitingMessage


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors='replace')).hexdigest()


def _read(path: Path) -> dict[str, ApprovalLink]:
    """The links by their hashes, without those that are too old."""
    try:
        raw = json.loads(path.read_text(encoding='utf-8'))
        found = {str(key): ApprovalLink.from_json(value) for key, value in raw.items()}
    except (OSError, ValueError, AttributeError):
        return {}
    return {key: link for key, link in found.items() if link.expires > now()}


def _write(path: Path, links: dict[str, ApprovalLink]) -> None:
    """Keep the newest of the links."""
    newest = sorted(links.items(), key=lambda pair: pair[1].expires)[-MOST:]
    content = json.dumps({key: link.to_json() for key, link in newest})
    files.put(path, content.encode(), 0o600)


def make(mailbox: Mailbox, message: str, guardian: str, path: Path = PATH) -> str:
    """The secret of a link for a message that waits; it is kept as a hash."""
    digest = waiting.digest(mailbox, message)
    expires = now() + timedelta(days=DAYS)
    link = ApprovalLink(mailbox.address, message, digest, guardian, expires)
    secret = secrets.token_urlsafe(32)
    with files.locked(LOCK, _SECONDS):
        _write(path, {**_read(path), _hash(secret): link})
    return secret


def _follow(store: Store, link: ApprovalLink | None) -> tuple[Mailbox, WaitingMessage]:
    """The message a link is for, as it was when the link was made."""
    wrong = MailError('approval-invalid')
    mailbox = store.find(Mailbox, link.address) if link else None
    if link is None or mailbox is None or link.guardian not in mailbox.guardians:
        raise wrong
    try:
        if waiting.digest(mailbox, link.message) != link.digest:
            raise wrong
        return mailbox, waiting.find(mailbox, link.message)
    except MailError as error:
        raise wrong from error


def find(store: Store, secret: str, path: Path = PATH) -> LinkedMessage:
    """The message a link is for, or say that the link is not valid, without why."""
    mailbox, message = _follow(store, _read(path).get(_hash(secret)))
    return LinkedMessage(mailbox.address, message)


def use(store: Store, secret: str, decision: str, path: Path = PATH) -> LinkedMessage:
    """Carry out the decision of the guardian a link was sent to, which uses the link up."""
    with files.locked(LOCK, _SECONDS):
        links = _read(path)
        mailbox, message = _follow(store, links.get(_hash(secret)))
        guarding.decide(store, mailbox, message.id, decision)
        del links[_hash(secret)]
        _write(path, links)
    return LinkedMessage(mailbox.address, message)
