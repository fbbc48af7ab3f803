# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages in Postfix's queue as `postqueue -j` tells of them, and which of them are meant.

Senders, recipients and answers of other servers are texts of strangers: signs that are not
printed are replaced, and nothing in them is trusted to be short.

DIAGNOSTICS
    ValueError             a line that tells of no message
    queue-filter-invalid   no state that messages can be chosen by
    domain-invalid, address-invalid   no domain, or no address, to choose them by
    queue-id-invalid       no name of a message in the queue
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, Self, get_args

from ..directory.address import parse, parse_domain
from ..errors import MailError
from ..sending.held_notes import Limit
from ..sending.queue_moves import NAME
from ..system.json_value import JsonValue

Place = Literal['maildrop', 'incoming', 'active', 'deferred', 'hold']
"""Postfix's queues, in the order it lists them."""
Which = Literal['all', 'moving', 'deferred', 'held', 'named']
"""All messages, those not on hold, those put off, those on hold, or those with these ids."""
NO_SENDER = '<>'
"""Stands for the sender of reports, who has no address (RFC 5321)."""
LONGEST_REASON = 500
LONGEST_ADDRESS = 254
MOST_RECIPIENTS = 50
MOST_IDS = 1000
_PLACES: tuple[Place, ...] = get_args(Place)
_EMPTY_SENDER = 'MAILER-DAEMON'
"""Postfix's name for a sender without an address, in listings."""
_LATEST = 253_402_300_799
"""The last second of the year 9999."""
_LARGEST = 2**53
_LITERAL = re.compile(r'\[(?:IPv6:)?[0-9A-Fa-f.:]{2,45}\]')
_IN: dict[Which, tuple[Place, ...]] = {
    'all': _PLACES,
    'moving': _PLACES[:-1],
    'deferred': ('deferred',),
    'held': ('hold',),
    'named': _PLACES,
}


def visible(text: str, most: int) -> str:
    """A text of a stranger on one line, cut, with ? for signs that are not printed."""
    cut = text if len(text) <= most else f'{text[: most - 1]}…'
    return cut if cut.isprintable() else ''.join(s if s.isprintable() else '?' for s in cut)


def domain_of(address: str) -> str:
    """The domain of an address, in the form in which two spellings are equal."""
    text = address.rpartition('@')[2]
    try:
        return parse_domain(text)
    except MailError:
        return text.lower()


def _normal(sender: str) -> str:
    """A sender in the form in which two spellings are equal."""
    try:
        return str(parse(sender)) if sender else NO_SENDER
    except MailError:
        return sender


@dataclass(frozen=True)
class QueueRecipient(JsonValue):
    """A recipient a message still waits for, and the last answer about them."""

    address: str
    reason: str = ''


@dataclass(frozen=True)
class QueueEntry(JsonValue):
    """A message in the queue; without a `sender` it is a report that can't be returned."""

    id: str
    place: Place
    sender: str
    recipients: tuple[QueueRecipient, ...]
    count: int
    """How many recipients there are; those are the first."""
    bytes: int
    since: datetime
    is_expired: bool = False
    """Whether Postfix was asked to return it at the next try."""
    next_try: datetime | None = None
    ends: datetime | None = None
    """When it is returned to its sender; None on hold, where it waits for a decision."""
    login: str = ''
    """The mailbox over whose limit it is on hold."""
    limit: Limit | None = None

    @property
    def is_held(self) -> bool:
        """Whether it waits for a decision."""
        return self.place == 'hold'

    @property
    def reason(self) -> str:
        """The last answer about the first recipient there is one about."""
        return next((each.reason for each in self.recipients if each.reason), '')

    @property
    def domains(self) -> frozenset[str]:
        """Where it still has to go."""
        return frozenset(domain_of(each.address) for each in self.recipients)

    def short(self) -> Self:
        """The message with no more recipients and text than a page needs."""
        return replace(
            self,
            sender=visible(self.sender, LONGEST_ADDRESS),
            recipients=tuple(map(_short, self.recipients[:MOST_RECIPIENTS])),
        )


def _short(recipient: QueueRecipient) -> QueueRecipient:
    return QueueRecipient(
        visible(recipient.address, LONGEST_ADDRESS), visible(recipient.reason, LONGEST_REASON)
    )


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name, '')
    if not isinstance(value, str):
        raise ValueError(f'{name} is no text')
    return value


def _number(raw: dict[str, Any], name: str, most: int) -> int:
    value = raw.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f'{name} is no such number')
    return value


def _place(value: Any) -> Place:
    for place in _PLACES:
        if place == value:
            return place
    raise ValueError('no queue')


def _recipient(raw: Any) -> QueueRecipient:
    if not isinstance(raw, dict):
        raise ValueError('a recipient is none')
    return QueueRecipient(_text(raw, 'address'), _text(raw, 'delay_reason'))


def of_raw(raw: Any) -> QueueEntry:
    """The message an object of `postqueue -j` stands for; ValueError for any other."""
    if not isinstance(raw, dict):
        raise ValueError('no object')
    name, sender, recipients = _text(raw, 'queue_id'), _text(raw, 'sender'), raw.get('recipients')
    if not NAME.fullmatch(name) or not isinstance(recipients, list):
        raise ValueError('no name in the queue, or no recipients')
    return QueueEntry(
        name,
        _place(raw.get('queue_name')),
        '' if sender == _EMPTY_SENDER else sender,
        tuple(map(_recipient, recipients)),
        len(recipients),
        _number(raw, 'message_size', _LARGEST),
        datetime.fromtimestamp(_number(raw, 'arrival_time', _LATEST), UTC),
        raw.get('forced_expire') is True,
    )


def of_line(line: str) -> QueueEntry:
    """The message a line stands for; ValueError for a line that stands for none."""
    try:
        return of_raw(json.loads(line))
    except RecursionError:
        raise ValueError('nested too deep') from None


def _state(text: str) -> Which:
    """A state, as messages are chosen by."""
    for which in _IN:
        if which == text:
            return which
    raise MailError('queue-filter-invalid')


def _destination(text: str) -> str:
    """A domain, or an address in brackets, as messages are chosen by."""
    if _LITERAL.fullmatch(text):
        return text.lower()
    return parse_domain(text.removeprefix('@')) if text else ''


def _sender(text: str) -> str:
    """An address, or the sender of reports, as messages are chosen by."""
    return text if text in ('', NO_SENDER) else str(parse(text))


def _ids(which: str, names: Collection[str]) -> frozenset[str]:
    """Names of messages, given when messages are chosen by name and only then."""
    if len(names) > MOST_IDS:
        raise MailError('queue-id-invalid.many', most=MOST_IDS)
    if (which == 'named') != bool(names) or not all(map(NAME.fullmatch, names)):
        raise MailError('queue-id-invalid')
    return frozenset(names)


@dataclass(frozen=True)
class QueueFilter:
    """The messages that are meant; make it by `of`, which reads what people enter.

    Messages that came after the moment `until` are not meant: a person has not seen them.
    """

    which: Which = 'moving'
    destination: str = ''
    sender: str = ''
    ids: frozenset[str] = frozenset()
    until: datetime | None = None

    @classmethod
    def of(
        cls, which: str, destination: str, sender: str, ids: Collection[str] = (), until: int = 0
    ) -> Self:
        """The filter for a state, a domain, an address, names, and a second since 1970."""
        if not 0 <= until <= _LATEST:
            raise MailError('queue-filter-invalid')
        return cls(
            _state(which),
            _destination(destination),
            _sender(sender),
            _ids(which, ids),
            datetime.fromtimestamp(until, UTC) if until else None,
        )

    def means(self, entry: QueueEntry) -> bool:
        """Whether a message is meant."""
        return (
            entry.place in _IN[self.which]
            and (not self.ids or entry.id in self.ids)
            and (self.until is None or entry.since <= self.until)
            and (not self.destination or self.destination in entry.domains)
            and (not self.sender or self.sender in (entry.sender, _normal(entry.sender)))
        )
