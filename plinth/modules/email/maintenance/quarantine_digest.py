# SPDX-License-Identifier: AGPL-3.0-or-later
"""The daily message to a mailbox about new messages in its quarantine, if there are any.

Each message has links for one act each (`filtering/quarantine_links.py`). Senders and subjects are
written by strangers who want this message to mislead, or not to arrive: each is one short line of
visible characters, in which no address of a web page and no long word stays whole.

DIAGNOSTICS
    A mailbox that cannot be told is logged, and told the next day.
"""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..authentication import signed_links
from ..authentication.signed_links import LinkAct
from ..directory import quarantine_choice
from ..directory.entry import now
from ..directory.mailbox import Mailbox
from ..directory.old_mail import QUARANTINE_DAYS
from ..directory.store import Store
from ..errors import MailError
from ..filtering import quarantine_links
from ..mailstore import quarantine
from ..mailstore.quarantine import QuarantinedMessage
from ..sending import box_notice
from ..system import files
from ..system.box_zone import box_zone
from ..system.json_value import JsonValue
from ..words import quarantine_digest as words
from . import password_link
from .reader_language import language_of, translated

TOLD = Path('/var/lib/freedombox-email/quarantine/told.json')
LINK_PATH = '/freedombox/apps/email/quarantine/'
PAUSE = timedelta(hours=20)
"""A message a day at most, also when the timer is a little early."""
MOST_LISTED = 20
ACTS: tuple[LinkAct, ...] = ('release', 'allow', 'delete')
_LINK = re.compile(r'(?i)(://|\bwww\.)')
_LONG_WORD = re.compile(r'(\S{40})(?=\S)')
"""Texts that filters are told to refuse (GTUBE, EICAR) are longer words."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DigestSent(JsonValue):
    """The last message about a quarantine, and what it told of that is still there."""

    at: datetime
    ids: tuple[str, ...] = ()


def harmless(text: str) -> str:
    """A line of strangers in which mail apps find no link, and filters no pattern."""
    return _LONG_WORD.sub(r'\1 ', _LINK.sub(r'\1 ', text))


@dataclass(frozen=True)
class _Writer:
    """The texts of one digest: its language, and all that its links need."""

    mailbox: Mailbox
    language: str
    start: str
    key: bytes

    def say(self, text: str, **values: object) -> str:
        """A text in the language of the reader."""
        return translated(text, self.language).format(**values)

    def _links(self, message: QuarantinedMessage) -> Iterator[str]:
        for act in ACTS:
            if act == 'allow' and not message.author:
                continue  # anyone can write any sender
            secret = quarantine_links.make(self.mailbox, message.id, act, self.key)
            yield self.say(words.LINKS[act], link=f'{self.start}{secret}')

    def one(self, message: QuarantinedMessage) -> str:
        """The lines on one message."""
        known = bool(message.points)
        reason = self.say(
            words.POINTS if known else words.UNSURE, points=message.points, likely=message.likely
        )
        head = self.say(
            words.ONE,
            sender=harmless(message.sender),
            subject=harmless(message.subject) or translated(words.NO_SUBJECT, self.language),
            received=message.at.astimezone(box_zone()).strftime('%Y-%m-%d %H:%M'),
            reason=reason,
        )
        return '\n'.join([head, *self._links(message)])

    def text(self, new: list[QuarantinedMessage]) -> str:
        """The whole text."""
        shown = [self.one(each) for each in new[:MOST_LISTED]]
        if len(new) > MOST_LISTED:
            shown.append(self.say(words.MORE, count=len(new) - MOST_LISTED))
        return self.say(
            words.DIGEST,
            address=self.mailbox.address,
            messages='\n\n'.join(shown),
            days=quarantine_links.DAYS,
            kept=QUARANTINE_DAYS,
            start=self.start,
        )


def _tell(store: Store, mailbox: Mailbox, new: list[QuarantinedMessage]) -> None:
    """Send the message about new messages."""
    start = password_link.link_for(store, mailbox.address, '', LINK_PATH)
    writer = _Writer(mailbox, language_of(mailbox.owner), start, signed_links.key())
    subject = writer.say(words.SUBJECT, address=mailbox.address, count=len(new))
    box_notice.tell(mailbox.address, mailbox.domain, subject, writer.text(new))


def _digest(store: Store, mailbox: Mailbox, told: DigestSent | None) -> DigestSent | None:
    """Tell of new messages, if it is time to; what was told of then."""
    found = quarantine.look(mailbox).messages
    ids = tuple(each.id for each in found)
    known = told.ids if told else ()
    new = [each for each in found if each.id not in known]
    if new and (told is None or now() - told.at >= PAUSE):
        _tell(store, mailbox, new)
        return DigestSent(now(), ids)
    return DigestSent(told.at, tuple(each for each in known if each in ids)) if told else None


def _read(path: Path) -> dict[str, DigestSent]:
    try:
        raw = json.loads(path.read_text(encoding='utf-8'))
        return {str(key): DigestSent.from_json(value) for key, value in raw.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _quarantined(store: Store) -> Iterator[Mailbox]:
    """Yield the mailboxes with a quarantine."""
    settings = store.settings()
    for mailbox in store.search(Mailbox):
        if mailbox.enabled and quarantine_choice.is_on(mailbox, settings):
            yield mailbox


def send_digests(store: Store, path: Path = TOLD) -> None:
    """Tell all who have new messages in quarantine; one who cannot be told keeps no other back."""
    before, after = _read(path), dict[str, DigestSent]()
    for mailbox in _quarantined(store):
        told = before.get(mailbox.address)
        try:
            told = _digest(store, mailbox, told)
        except MailError as error:
            logger.warning('%s was not told of its quarantine: %s', mailbox.address, error.sentence)
        if told:
            after[mailbox.address] = told
    if after != before:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = json.dumps({key: told.to_json() for key, told in after.items()})
        files.put(path, content.encode(), 0o600)


def main() -> None:
    """Do the daily run."""
    with Store() as store:
        send_digests(store)
