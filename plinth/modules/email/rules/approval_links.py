# SPDX-License-Identifier: AGPL-3.0-or-later
"""The links by which a guardian decides on a message without a login: made, looked at, used once.

A link stands for one message, by its name and a hash of its content, and for one guardian. It is
void once the message is approved or deleted, the person is no guardian any more, or its days are
over.

DIAGNOSTICS
    approval-invalid    the link is unknown, used or too old
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..authentication.secret_links import SecretLinks
from ..directory.entry import now
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs import guards
from ..errors import MailError
from ..mailstore import waiting
from ..mailstore.waiting import WaitingMessage
from ..system.json_value import JsonValue
from . import guarding

DAYS = 14


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


LINKS = SecretLinks(
    ApprovalLink,
    Path('/var/lib/freedombox-email/approval-links.json'),
    Path('/run/freedombox-email-approval.lock'),
    error='approval-invalid',
    most=2000,
)


def make(
    mailbox: Mailbox, message: str, guardian: str, links: SecretLinks[ApprovalLink] = LINKS
) -> str:
    """The secret of a link for a message that waits; it is kept as a hash."""
    digest = waiting.digest(mailbox, message)
    expires = now() + timedelta(days=DAYS)
    return links.make(ApprovalLink(mailbox.address, message, digest, guardian, expires))


def _follow(store: Store, link: ApprovalLink) -> tuple[Mailbox, WaitingMessage]:
    """The message a link is for, as it was when the link was made."""
    wrong = MailError(LINKS.error)
    mailbox = store.find(Mailbox, link.address)
    if mailbox is None or link.guardian not in mailbox.guardians:
        raise wrong
    try:
        guards.check_guardian(store, mailbox, link.guardian)
        if waiting.digest(mailbox, link.message) != link.digest:
            raise wrong
        return mailbox, waiting.find(mailbox, link.message)
    except MailError as error:
        raise wrong from error


def find(store: Store, secret: str) -> LinkedMessage:
    """The message a link is for, or say that the link is not valid, without why."""
    mailbox, message = _follow(store, LINKS.find(secret))
    return LinkedMessage(mailbox.address, message)


def use(
    store: Store, secret: str, decision: str, links: SecretLinks[ApprovalLink] = LINKS
) -> LinkedMessage:
    """Carry out the decision of the guardian a link was sent to, which uses the link up."""
    with links.used(secret) as link:
        mailbox, message = _follow(store, link)
        guarding.decide(store, mailbox, message.id, decision)
    return LinkedMessage(mailbox.address, message)
