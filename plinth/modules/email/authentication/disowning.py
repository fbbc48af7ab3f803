# SPDX-License-Identifier: AGPL-3.0-or-later
"""The link "that was not me" in a notice about a login: made, looked at, and used once.

Its secret is random, so no one can make one, and only its hash is kept, in a file of root's. Used,
it revokes the app password of that login and ends its sessions. A login with the password of an
account, which a link must not change, has its mailbox frozen.

DIAGNOSTICS
    disown-invalid    the link is unknown, used or too old
"""

import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..directory import apppassword
from ..directory.apppassword import AppPassword
from ..directory.entry import now
from ..directory.mailbox import Mailbox
from ..directory.person import of_mailbox
from ..directory.store import Store
from ..errors import MailError
from ..system import files
from ..system.json_value import JsonValue
from ..words import misuse as words
from . import closing

PATH = Path('/var/lib/freedombox-email/not-me.json')
LOCK = Path('/run/freedombox-email-not-me.lock')
DAYS = 14
MOST = 2000
_SECONDS = 10


@dataclass(frozen=True)
class OwnLogin(JsonValue):
    """A login its owner may disown; `key_id` is that of its app password, '' for another one."""

    address: str
    remote: str
    key_id: str
    label: str
    at: datetime
    expires: datetime


@dataclass(frozen=True)
class Disowned(JsonValue):
    """The outcome: an app password that was revoked, or a mailbox that is frozen."""

    login: OwnLogin
    frozen: bool


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors='replace')).hexdigest()


def _read(path: Path) -> dict[str, OwnLogin]:
    """The links by their hashes, without those that are too old."""
    try:
        raw = json.loads(path.read_text(encoding='utf-8'))
        found = {str(key): OwnLogin.from_json(value) for key, value in raw.items()}
    except (OSError, ValueError, AttributeError):
        return {}
    return {key: login for key, login in found.items() if login.expires > now()}


def _write(path: Path, links: dict[str, OwnLogin]) -> None:
    """Keep the newest of the links."""
    newest = sorted(links.items(), key=lambda pair: pair[1].expires)[-MOST:]
    content = json.dumps({key: login.to_json() for key, login in newest})
    files.put(path, content.encode(), 0o600)


def device_of(store: Store, mailbox: Mailbox, key_id: str) -> AppPassword | None:
    """The app password of a mailbox with this key, None when there is none (any more)."""
    with suppress(MailError):
        return apppassword.get(store, of_mailbox(store, mailbox), key_id) if key_id else None
    return None


def make(
    store: Store, mailbox: Mailbox, remote: str, key_id: str, at: datetime, path: Path = PATH
) -> tuple[str, OwnLogin]:
    """The secret of a link for a login, which is kept as a hash, and the login."""
    device = device_of(store, mailbox, key_id)
    label, key = (device.label, device.key_id) if device else ('', key_id)
    login = OwnLogin(mailbox.address, remote, key, label, at, now() + timedelta(days=DAYS))
    secret = secrets.token_urlsafe(32)
    with files.locked(LOCK, _SECONDS):
        _write(path, {**_read(path), _hash(secret): login})
    return secret, login


def find(secret: str, path: Path = PATH) -> OwnLogin:
    """The login a link is for, or say that the link is not valid, without why."""
    login = _read(path).get(_hash(secret))
    if login is None:
        raise MailError('disown-invalid')
    return login


def use(store: Store, secret: str, path: Path = PATH) -> Disowned:
    """Disown the login a link is for, which uses the link up."""
    with files.locked(LOCK, _SECONDS):
        links = _read(path)
        login = links.pop(_hash(secret), None)
        if login is None:
            raise MailError('disown-invalid')
        frozen = _shut(store, login)
        _write(path, links)
    return Disowned(login, frozen)


def _shut(store: Store, login: OwnLogin) -> bool:
    """Shut out the password of a login; True when its mailbox had to be frozen for that."""
    if not login.key_id:
        closing.freeze(store, login.address, words.FROZEN_BY_LINK)
        return True
    with suppress(MailError):  # it was revoked meanwhile
        found = apppassword.get(store, None, login.key_id)
        if found.created <= login.at:  # a later one got the same key
            closing.revoke(store, None, found.key_id)
    return False
