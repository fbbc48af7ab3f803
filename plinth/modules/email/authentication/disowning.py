# SPDX-License-Identifier: AGPL-3.0-or-later
"""The link "that was not me" in a notice about a login: made, looked at, and used once.

Used, it revokes the app password of that login and ends its sessions. A login with the password
of an account, which a link must not change, has its mailbox frozen.

DIAGNOSTICS
    disown-invalid    the link is unknown, used or too old
"""

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
from ..system.json_value import JsonValue
from ..words import misuse as words
from . import closing
from .secret_links import SecretLinks

DAYS = 14


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


LINKS = SecretLinks(
    OwnLogin,
    Path('/var/lib/freedombox-email/not-me.json'),
    Path('/run/freedombox-email-not-me.lock'),
    error='disown-invalid',
    most=2000,
)


def device_of(store: Store, mailbox: Mailbox, key_id: str) -> AppPassword | None:
    """The app password of a mailbox with this key, None when there is none (any more)."""
    with suppress(MailError):
        return apppassword.get(store, of_mailbox(store, mailbox), key_id) if key_id else None
    return None


def make(
    store: Store, mailbox: Mailbox, remote: str, key_id: str, at: datetime
) -> tuple[str, OwnLogin]:
    """The secret of a link for a login, and the login."""
    device = device_of(store, mailbox, key_id)
    label, key = (device.label, device.key_id) if device else ('', key_id)
    login = OwnLogin(mailbox.address, remote, key, label, at, now() + timedelta(days=DAYS))
    return LINKS.make(login), login


def find(secret: str) -> OwnLogin:
    """The login a link is for, or say that the link is not valid, without why."""
    return LINKS.find(secret)


def use(store: Store, secret: str) -> Disowned:
    """Disown the login a link is for, which uses the link up."""
    with LINKS.used(secret) as login:
        return Disowned(login, _shut(store, login))


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
