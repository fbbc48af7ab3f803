# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decisions on mail of users by the number of its recipients elsewhere.

Postfix asks about each recipient, and at the end of a message once more, when it names the message
and not its recipients (SMTPD_POLICY_README). Recipients in own domains do not count, nor mail
sent as a standard address such as postmaster@, nor mail that is held. So a message is held when
it would exceed a limit, and smaller ones still go out.

DIAGNOSTICS
    DUNNO    the message may go out
    HOLD     it waits until an administrator decides, see `held_notes`
    450      very much mail waits already: the mail app keeps this message
    421      the mailbox is frozen, or outside of its hours: the session ends
    550      the mailbox is guarded, and may write to known correspondents only
    451      it cannot be found out, and there are recipients elsewhere
"""

import sqlite3
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..directory.alias import ROLES
from ..directory.guard import Guard
from ..directory.send_limits import SendLimits
from ..errors import MailError
from ..words import guard_refusals as words
from . import held_notes
from .held_notes import HeldNote, Limit
from .sent_counts import SentCounts, Sums

PASSES = 'DUNNO'
LATER = '451 4.3.0 The sending limits cannot be checked now, try again later'
CLOSED_NOW = f'421 4.7.0 {words.CLOSED_NOW}'
FULL = '450 4.7.1 Too much of your mail is held, ask your administrator'
MOST_HELD = 2000
"""Messages of a mailbox on hold, of a day or since a decision: a thief must not fill the disk."""
FRESH_SECONDS = 10.0
"""How long a look into the directory is believed."""
STALE_SECONDS = 3600.0
"""How long it is believed while the directory does not answer."""
MOST_MESSAGES = 2000
"""Messages under way; one of each process of Postfix, which are far fewer."""
MOST_RECIPIENTS = 50_000
"""Recipients of them all: a session that never ends its messages must not fill the memory."""
MOST_LOGINS = 1000


@dataclass(frozen=True)
class SendingMailbox:
    """A mailbox as far as its mail is concerned, and the domains of this box."""

    limits: SendLimits
    domains: frozenset[str]
    closed: str = ''
    guard: Guard | None = None


Look = Callable[[str], SendingMailbox]


class SendingMailboxes:
    """Looks into the directory, remembered for some seconds."""

    def __init__(self, look: Look, clock: Callable[[], float] = time.monotonic) -> None:
        self._look, self._clock = look, clock
        self._seen: OrderedDict[str, tuple[float, SendingMailbox]] = OrderedDict()

    def get(self, login: str) -> SendingMailbox:
        """The mailbox a login is; MailError when it cannot be found out."""
        now = self._clock()
        when, known = self._seen.get(login, (0.0, None))
        if known and now - when < FRESH_SECONDS:
            return known
        try:
            found = self._look(login)
        except MailError:
            if known is None or now - when > STALE_SECONDS:
                raise
            return known
        self._seen[login] = now, found
        self._seen.move_to_end(login)
        while len(self._seen) > MOST_LOGINS:
            self._seen.popitem(last=False)
        return found


def is_role(sender: str, domains: Collection[str]) -> bool:
    """Whether mail is sent as a standard address of an own domain."""
    local, _at, domain = sender.lower().rpartition('@')
    return local in ROLES and domain in domains


def elsewhere(recipients: Sequence[str], domains: Collection[str]) -> set[str]:
    """The recipients that are not in own domains, each once."""
    folded = {recipient.lower() for recipient in recipients}
    return {each for each in folded if each.rpartition('@')[2] not in domains}


def exceeded(sums: Sums, limits: SendLimits, recipients: int, first_time: int) -> Limit | None:
    """The limit a message would exceed, None for none."""
    if sums.first_time + first_time > limits.first_time_day:
        return 'first-time'
    if sums.hour + recipients > limits.recipients_hour:
        return 'hour'
    return 'day' if sums.day + recipients > limits.recipients_day else None


def _refusal(sender: SendingMailbox, login: str, recipients: Sequence[str]) -> str:
    """The answer to a mailbox that is closed, or guarded and may not write to one of these."""
    guard = sender.guard
    if sender.closed:
        return f'421 4.7.0 {sender.closed}'
    if guard is None:
        return ''
    if not guard.is_open(datetime.now().astimezone()):
        return CLOSED_NOW
    strangers = elsewhere(recipients, sender.domains) if guard.writes_known else ()
    if all(map(guard.knows, strangers)):
        return ''
    return f'550 5.7.1 {words.WRITES_KNOWN.format(address=login)}'


_FIELDS: Mapping[Limit, str] = {
    'hour': 'recipients_hour',
    'day': 'recipients_day',
    'first-time': 'first_time_day',
}
"""The limits by the names they have in the directory."""


_TROUBLES = (MailError, sqlite3.Error, OSError, ValueError, LookupError)
"""Nothing that goes wrong may end the connection: Postfix would let the message pass."""


class SendPolicy:
    """Answers to Postfix; notes on held mail go into a folder."""

    def __init__(self, senders: SendingMailboxes, counts: SentCounts, folder: Path) -> None:
        self._senders, self._counts, self._folder = senders, counts, folder
        self._recipients: OrderedDict[str, list[str]] = OrderedDict()
        self._noted = 0
        self._decisions = folder / held_notes.RELEASED, folder / held_notes.DROPPED
        self._decided = (0, 0)

    def answer(self, asked: Mapping[str, str]) -> str:
        """The action for one question."""
        login, instance = asked.get('sasl_username', ''), asked.get('instance', '')
        if not login:
            return PASSES
        if asked.get('protocol_state') == 'RCPT':
            self._note(instance, asked.get('recipient', ''))
            return self._at_recipient(login, asked.get('recipient', ''))
        if asked.get('protocol_state') != 'END-OF-MESSAGE':
            return PASSES
        recipients = self._forget(instance) or _unseen(asked)
        try:
            return self._judge(login, recipients, asked)
        except _TROUBLES as error:
            why = error.reason if isinstance(error, MailError) else error
            print(f'Sending limits: {type(error).__name__} {why}', file=sys.stderr)
            return LATER

    def _note(self, instance: str, recipient: str) -> None:
        """Remember a recipient until the end of its message."""
        self._recipients.setdefault(instance, []).append(recipient)
        self._noted += 1
        while len(self._recipients) > MOST_MESSAGES or self._noted > MOST_RECIPIENTS:
            self._forget(next(iter(self._recipients)))

    def _forget(self, instance: str) -> list[str]:
        """The recipients of a message, which are not kept any longer."""
        found = self._recipients.pop(instance, [])
        self._noted -= len(found)
        return found

    def _at_recipient(self, login: str, recipient: str) -> str:
        """The answer at a recipient: a frozen mailbox, whose session is older, sends no more."""
        try:
            return _refusal(self._senders.get(login), login, [recipient]) or PASSES
        except MailError:
            return PASSES  # the end of the message decides

    def _judge(self, login: str, recipients: Sequence[str], asked: Mapping[str, str]) -> str:
        """The answer at the end of a message."""
        sender = self._senders.get(login)
        if refusal := _refusal(sender, login, recipients):
            return refusal
        outside = elsewhere(recipients, sender.domains)
        if not outside or is_role(asked.get('sender', ''), sender.domains):
            return PASSES
        self._follow_decisions()
        marks = {self._counts.mark(each) for each in outside}
        first_time = self._counts.unknown(login, marks)
        limit = exceeded(self._counts.sums(login), sender.limits, len(outside), len(first_time))
        if limit is None:
            self._counts.add(login, len(outside), first_time)
            return PASSES
        holding = self._counts.hold(login, int(asked['size']))
        if holding.units > MOST_HELD:
            return FULL
        most = getattr(sender.limits, _FIELDS[limit])
        self._write(asked['queue_id'], login, limit, most, len(outside), first_time)
        if holding.is_first:
            held_notes.ask_to_tell(self._folder, login)
        return f'HOLD {login} is over its sending limit ({limit}: {most})'

    def _write(
        self, id_: str, login: str, limit: Limit, most: int, count: int, first: Collection[bytes]
    ) -> None:
        """Note a message that is held."""
        now = datetime.now(UTC).replace(microsecond=0)
        marks = tuple(sorted(mark.hex() for mark in first))[: held_notes.MOST_MARKS]
        held_notes.write(self._folder, HeldNote(id_, login, limit, most, count, now, marks))

    def _follow_decisions(self) -> None:
        """Know the recipients of released mail, and tell again of what is held after a decision."""
        released, dropped = self._decisions
        changed = released.stat().st_mtime_ns, dropped.stat().st_mtime_ns
        if changed == self._decided:
            return
        for kind in (held_notes.RELEASED, held_notes.DROPPED):
            for note in held_notes.take(self._folder, kind):
                self._counts.forget_held(note.login)
                if kind == held_notes.RELEASED:
                    self._counts.learn(note.login, map(bytes.fromhex, note.marks))
        self._decided = changed  # of before: what was taken changed it, so it is looked at again


def _unseen(asked: Mapping[str, str]) -> list[str]:
    """Recipients of a message this program was not asked about, as it started only then."""
    if asked.get('recipient'):
        return [asked['recipient']]
    count = asked.get('recipient_count', '')
    number = int(count) if count.isdecimal() else 1
    return [f'{asked.get("instance", "")}-{each}@invalid' for each in range(number)]
