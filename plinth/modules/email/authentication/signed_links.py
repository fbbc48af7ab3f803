# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links signed by root, each for one act on one message by one person, until a moment.

The secret of a link holds all it is for and a signature over it (HMAC-SHA256), so links need no
file that grows with each. It has one form only: the decoded bytes encode to the same text. What
is signed names the kind of link, so a link of another kind with the same key is not valid.

DIAGNOSTICS
    quarantine-link-invalid   the link is altered, of another key, too old, or no link
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from ..directory.entry import now
from ..errors import MailError
from ..system import files

LinkAct = Literal['release', 'allow', 'delete']
"""Into the inbox; that, and its sender's mail from now on; deleted."""
LINK_ACTS: tuple[LinkAct, ...] = get_args(LinkAct)

KEY = Path('/var/lib/freedombox-email/quarantine/link-key')
_LOCK = Path('/run/freedombox-email-link-key.lock')
_ERROR = 'quarantine-link-invalid'
_PURPOSE = b'freedombox-email quarantine 1\n'
_HEAD = struct.Struct('>BQ16s16s')
_SIGNATURE = 32
_KEY_BYTES = 32
_LONGEST = 700
_SHAPE = re.compile(r'[A-Za-z0-9_-]+')
_MESSAGE = re.compile('[0-9a-f]{32}')
_SECONDS = 10.0


@dataclass(frozen=True)
class SignedLink:
    """A link: what it does, with which message of which mailbox, whose that was, and its end."""

    act: LinkAct
    address: str
    holder: str
    message: str
    expires: datetime

    def __post_init__(self) -> None:
        """Refuse a link that could not be written."""
        if self.act not in LINK_ACTS or not _MESSAGE.fullmatch(self.message):
            raise MailError(_ERROR)

    @property
    def holder_mark(self) -> bytes:
        """A mark of the person, whose identity is not told."""
        return hashlib.sha256(self.holder.encode()).digest()[:16]

    @property
    def body(self) -> bytes:
        """All it says, as bytes."""
        number, seconds = LINK_ACTS.index(self.act), int(self.expires.timestamp())
        head = _HEAD.pack(number, seconds, self.holder_mark, bytes.fromhex(self.message))
        return head + self.address.encode()


@dataclass(frozen=True)
class ReadLink:
    """A link with a right signature that has not expired; `holder_mark` is checked by its user."""

    act: LinkAct
    address: str
    holder_mark: bytes
    message: str

    def is_of(self, holder: str) -> bool:
        """Whether it was made for a person."""
        mark = hashlib.sha256(holder.encode()).digest()[:16]
        return hmac.compare_digest(mark, self.holder_mark)


def key(path: Path = KEY, lock: Path = _LOCK) -> bytes:
    """The key of root, made when it is first needed."""
    with files.locked(lock, _SECONDS):
        try:
            present = path.read_bytes()
        except FileNotFoundError:
            present = b''
        if len(present) != _KEY_BYTES:
            present = secrets.token_bytes(_KEY_BYTES)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.put(path, present, 0o600)
    return present


def present_key(path: Path = KEY) -> bytes:
    """The key of the links there are; without one there is none that could be valid."""
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        found = b''
    if len(found) != _KEY_BYTES:
        raise MailError(_ERROR)
    return found


def _signature(body: bytes, with_key: bytes) -> bytes:
    return hmac.new(with_key, _PURPOSE + body, hashlib.sha256).digest()


def make(link: SignedLink, with_key: bytes) -> str:
    """The secret of a link."""
    signed = _signature(link.body, with_key) + link.body
    return base64.urlsafe_b64encode(signed).decode().rstrip('=')


def _decoded(secret: str) -> bytes:
    """The bytes of a secret in its one form."""
    if len(secret) > _LONGEST or not _SHAPE.fullmatch(secret):
        raise MailError(_ERROR)
    try:
        raw = base64.urlsafe_b64decode(secret + '=' * (-len(secret) % 4))
    except (binascii.Error, ValueError) as error:
        raise MailError(_ERROR) from error
    if base64.urlsafe_b64encode(raw).decode().rstrip('=') != secret:
        raise MailError(_ERROR)
    return raw


def read(secret: str, with_key: bytes) -> ReadLink:
    """The link of a secret, or say that it is not valid, without why."""
    raw = _decoded(secret)
    signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(body, with_key)):
        raise MailError(_ERROR)
    try:
        number, seconds, mark, message = _HEAD.unpack(body[: _HEAD.size])
        address = body[_HEAD.size :].decode()
        expires = datetime.fromtimestamp(seconds, UTC)
        act = LINK_ACTS[number]
    except (struct.error, ValueError, OverflowError, OSError, IndexError) as error:
        raise MailError(_ERROR) from error
    if expires <= now():
        raise MailError(_ERROR)
    return ReadLink(act, address, mark, message.hex())
