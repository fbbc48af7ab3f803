# SPDX-License-Identifier: AGPL-3.0-or-later
"""The work on guarded mailboxes that a timer starts: scripts, hours, and notices.

Scripts follow the directory, should another way than a page have changed it. Guardians get one
message about all mail that waits, at most once an hour for each mailbox, with a link for each
message. Likely spam is listed on their page alone.

DIAGNOSTICS
    What cannot be done for one mailbox is logged, and tried again the next time.
"""

import json
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..directory.entry import now
from ..directory.guard import Guard
from ..directory.mailbox import Mailbox
from ..directory.person import of_account
from ..directory.store import Store
from ..directory.verbs import guards, own
from ..errors import MailError
from ..mailstore import waiting
from ..mailstore.waiting import WaitingMessage
from ..rules import approval_links, guard_scripts
from ..rules.hours import keep_hours
from ..sending import box_notice
from ..system import files
from ..system.json_value import JsonValue
from ..words import guard_refusals as words
from . import password_link

NOTES = Path('/var/lib/freedombox-email/guard-notices.json')
LINK_PATH = '/freedombox/apps/email/approve/'
PAUSE = timedelta(hours=1)
MOST_LISTED = 20
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ToldOf(JsonValue):
    """The last notice about a mailbox, and the messages guardians were told of that still wait."""

    at: datetime
    ids: tuple[str, ...] = ()


def _read(path: Path) -> dict[str, ToldOf]:
    try:
        raw = json.loads(path.read_text(encoding='utf-8'))
        return {str(key): ToldOf.from_json(value) for key, value in raw.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _address_of(store: Store, guardian: str) -> str:
    """Where a guardian reads mail; MailError for one that is gone."""
    if '@' in guardian:
        return store.get(Mailbox, guardian).address
    for user in store.users():
        if user.id == guardian:
            return own.main_address(store, of_account(user))
    raise MailError('user-missing')


def _text(store: Store, mailbox: Mailbox, guardian: str, to: str, new: list[WaitingMessage]) -> str:
    """The notice for one guardian; a message's own texts are one short line each."""
    parts = []
    for message in new[:MOST_LISTED]:
        secret = approval_links.make(mailbox, message.id, guardian)
        proof = words.VERIFIED if message.author else words.NOT_VERIFIED
        parts.append(
            words.WAITING_ONE.format(
                sender=message.sender,
                proof=proof.format(author=message.author),
                subject=message.subject or words.NO_SUBJECT,
                link=password_link.link_for(store, to, secret, LINK_PATH),
            )
        )
    return words.WAITING.format(
        address=mailbox.address, messages='\n\n'.join(parts), days=approval_links.DAYS
    )


def _tell(store: Store, mailbox: Mailbox, guard: Guard, new: list[WaitingMessage]) -> None:
    """Tell each guardian; one who cannot be told does not keep it from the others."""
    subject = words.WAITING_SUBJECT.format(address=mailbox.address)
    for guardian in guard.guardians:
        try:
            guards.check_guardian(store, mailbox, guardian)
            to = _address_of(store, guardian)
            text = _text(store, mailbox, guardian, to, new)
            box_notice.tell(to, to.rpartition('@')[2], subject, text)
        except MailError as error:
            logger.warning('A guardian of %s was not told: %s', mailbox.address, error.sentence)


def _notice(store: Store, mailbox: Mailbox, told: ToldOf | None) -> ToldOf | None:
    """Tell of new messages, if it is time to; what guardians were told of then."""
    found = waiting.look(mailbox).messages
    ids = tuple(each.id for each in found)
    known = told.ids if told else ()
    new = [each for each in found if each.id not in known and not each.is_spam]
    is_due = told is None or now() - told.at >= PAUSE
    if mailbox.guard and mailbox.guard.guardians and new and is_due:
        _tell(store, mailbox, mailbox.guard, new)
        return ToldOf(now(), ids)
    return ToldOf(told.at, tuple(each for each in known if each in ids)) if told else None


def send_notices(store: Store, mailboxes: Iterable[Mailbox], path: Path = NOTES) -> None:
    """Tell guardians of messages that wait."""
    before, after = _read(path), dict[str, ToldOf]()
    for mailbox in mailboxes:
        told = _notice(store, mailbox, before.get(mailbox.address))
        if told:
            after[mailbox.address] = told
    if after != before:
        content = json.dumps({key: told.to_json() for key, told in after.items()})
        files.put(path, content.encode(), 0o600)


def main() -> None:
    """Do what is due."""
    with Store() as store:
        guard_scripts.follow(store)
        guarded = store.having(Mailbox, 'guard_rules')
        keep_hours(store, guarded)
        for mailbox in guarded:
            waiting.expire(mailbox, time.time())
        send_notices(store, guarded)
