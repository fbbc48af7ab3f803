# SPDX-License-Identifier: AGPL-3.0-or-later
"""The links of the daily message about a quarantine: made, looked at, and used.

A link can do one thing with one message. It is void once its days are over, the mailbox has
another owner, or it is gone. A message that was released or deleted stays so.

DIAGNOSTICS
    quarantine-link-invalid   the link is no link for this mailbox, or too old
    The errors of `mailstore.quarantine`, unchanged.
"""

from dataclasses import dataclass
from datetime import timedelta

from ..authentication import signed_links
from ..authentication.signed_links import LinkAct, ReadLink, SignedLink
from ..directory.entry import now
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..mailstore import quarantine
from ..mailstore.quarantine import QuarantinedMessage
from ..system.json_value import JsonValue
from . import quarantine_acts

DAYS = 14


@dataclass(frozen=True)
class LinkedQuarantine(JsonValue):
    """The message a link is for, whose it is, and what the link does."""

    address: str
    act: LinkAct
    message: QuarantinedMessage


def make(mailbox: Mailbox, message: str, act: LinkAct, with_key: bytes) -> str:
    """The secret of a link for a message in quarantine."""
    expires = now() + timedelta(days=DAYS)
    link = SignedLink(act, mailbox.address, mailbox.holder, message, expires)
    return signed_links.make(link, with_key)


def _follow(store: Store, secret: str) -> tuple[Mailbox, ReadLink]:
    """The mailbox a link is for, whose it must still be."""
    link = signed_links.read(secret, signed_links.present_key())
    mailbox = store.find(Mailbox, link.address)
    if mailbox is None or not mailbox.enabled or not link.is_of(mailbox.holder):
        raise MailError('quarantine-link-invalid')
    return mailbox, link


def find(store: Store, secret: str) -> LinkedQuarantine:
    """The message a link is for, and what the link does."""
    mailbox, link = _follow(store, secret)
    return LinkedQuarantine(mailbox.address, link.act, quarantine.find(mailbox, link.message))


def use(store: Store, secret: str) -> LinkedQuarantine:
    """Do what a link is for."""
    mailbox, link = _follow(store, secret)
    message = quarantine_acts.carry_out(store, mailbox, link.message, link.act)
    return LinkedQuarantine(mailbox.address, link.act, message)
