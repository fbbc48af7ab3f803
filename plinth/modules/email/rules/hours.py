# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hours of guarded mailboxes put in force.

A mailbox outside of its hours has a sentence in its entry, with which Dovecot refuses logins
(`config/closed.py`). Its sessions end when the hours do.
"""

from collections.abc import Iterable
from datetime import datetime

from ..authentication import sessions
from ..directory.guard import Guard
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..words import guard_refusals as words


def local_time() -> datetime:
    """The present moment in the time zone of the box."""
    return datetime.now().astimezone()


def sentence_at(guard: Guard | None, moment: datetime) -> str:
    """The sentence with which logins are refused at a moment, '' while they are not."""
    if guard is None or guard.is_open(moment):
        return ''
    opens = guard.open_hours.next_opening(moment)
    return words.OUT_OF_HOURS.format(
        day=words.DAYS[opens.weekday()] if opens else '', time=f'{opens:%H:%M}' if opens else ''
    )


def keep_hours(store: Store, mailboxes: Iterable[Mailbox], moment: datetime | None = None) -> None:
    """Have logins to some mailboxes refused or taken as their hours say."""
    closed = store.out_of_hours()
    for mailbox in mailboxes:
        sentence = sentence_at(mailbox.guard, moment or local_time())
        before = closed.get(mailbox.address, '')
        if sentence != before:
            store.set_out_of_hours(mailbox.address, sentence)
        if sentence and not before:
            sessions.end(mailbox.address)
