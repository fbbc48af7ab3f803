# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail queue, a page at a time: why each message waits and until when, the oldest first.

The listing is read in one pass, whatever the length of the queue, and only the messages of the
page are kept. Postfix names no message twice on purpose, but one that moves meanwhile may be
listed twice or not at all.

DIAGNOSTICS
    queue-failed          Postfix did not list its queue
    queue-filter-invalid  no such page
    queued-missing        the message is not in the queue (any more)
"""

import heapq
import json
import logging
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import MailError
from ..sending import held_notes, holds, queue_moves
from ..sending.held_notes import HeldNote
from ..sending.holds import HeldMail
from ..sending.queue_moves import Lifetimes
from ..system import programs
from ..system.json_value import JsonValue
from .queue_entry import QueueEntry, QueueFilter, of_raw, visible

DEFERRED = Path('/var/spool/postfix/deferred')
ROWS = 25
MOST_ROWS = 1000
MOST_FIRST = 1_000_000
MOST_GROUPS = 5
LONGEST_GROUP = 254

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueueGroup(JsonValue):
    """A destination or a sender, and how many of the messages meant are to it or of it."""

    name: str
    messages: int


@dataclass(frozen=True)
class QueueListing(JsonValue):
    """Messages of the queue from the place `first` on, of `total` that are meant."""

    messages: tuple[QueueEntry, ...]
    first: int
    total: int
    everything: int
    """How many messages are in the queue."""
    recipients: int
    bytes: int
    reports: int
    """Messages among those meant that have no sender, so they can't be returned."""
    elsewhere: int
    """Messages among those meant that wait for other domains too than the one asked for."""
    destinations: tuple[QueueGroup, ...]
    senders: tuple[QueueGroup, ...]
    held: tuple[HeldMail, ...]
    """All mail on hold, by mailbox."""
    at: datetime
    unreadable: int = 0
    """Lines of Postfix that could not be read, so the numbers may be too small."""


class _Reading:
    """One pass over the lines of `postqueue -j`."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.unreadable = 0
        self.held: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[QueueEntry]:
        known: set[str] = set()
        for line in self._lines:
            entry = self._read(line)
            if entry and entry.id not in known:
                known.add(entry.id)
                yield entry

    def _read(self, line: str) -> QueueEntry | None:
        try:
            raw = json.loads(line)
            entry = of_raw(raw)
        except (ValueError, RecursionError) as error:
            logger.warning('A line of the queue tells of no message: %s', error)
            self.unreadable += 1
            return None
        if entry.is_held:
            self.held.append(raw)
        return entry


@dataclass
class _Sums:
    """The numbers of the messages that pass."""

    everything: int = 0
    total: int = 0
    recipients: int = 0
    bytes: int = 0
    reports: int = 0
    elsewhere: int = 0
    destinations: Counter[str] = field(default_factory=Counter)
    senders: Counter[str] = field(default_factory=Counter)

    def meant(self, entries: Iterable[QueueEntry], wanted: QueueFilter) -> Iterator[QueueEntry]:
        """Yield the messages that are meant, as short as a page needs them."""
        for entry in entries:
            self.everything += 1
            if wanted.means(entry):
                self._add(entry, wanted)
                yield entry.short()

    def _add(self, entry: QueueEntry, wanted: QueueFilter) -> None:
        domains = entry.domains
        self.total += 1
        self.recipients += entry.count
        self.bytes += entry.bytes
        self.reports += not entry.sender
        self.elsewhere += bool(wanted.destination) and len(domains) > 1
        self.destinations.update(domains)
        self.senders[entry.sender] += 1


def _groups(found: Counter[str]) -> tuple[QueueGroup, ...]:
    return tuple(
        QueueGroup(visible(name, LONGEST_GROUP), messages)
        for name, messages in found.most_common(MOST_GROUPS)
    )


def listing(
    lines: Iterable[str], wanted: QueueFilter, first: int, rows: int
) -> tuple[QueueListing, list[dict[str, Any]]]:
    """The messages that are meant from lines of Postfix, and all that are on hold."""
    reading, sums = _Reading(lines), _Sums()
    oldest = heapq.nsmallest(
        first + rows, sums.meant(reading, wanted), key=lambda each: (each.since, each.id)
    )
    found = QueueListing(
        messages=tuple(oldest[first:]),
        first=first,
        total=sums.total,
        everything=sums.everything,
        recipients=sums.recipients,
        bytes=sums.bytes,
        reports=sums.reports,
        elsewhere=sums.elsewhere,
        destinations=_groups(sums.destinations),
        senders=_groups(sums.senders),
        held=(),
        at=datetime.now(UTC),
        unreadable=reading.unreadable,
    )
    return found, reading.held


def next_tries(names: Collection[str], folder: Path = DEFERRED) -> dict[str, datetime]:
    """When Postfix tries messages again at the earliest: the time of their files.

    Postfix sets it ahead when it puts a message off, and looks every few minutes for those due.
    """
    found = {}
    for place, _folders, files in os.walk(folder):
        for name in set(files) & set(names):
            try:
                changed = os.lstat(f'{place}/{name}').st_mtime
            except FileNotFoundError:
                continue
            found[name] = datetime.fromtimestamp(changed, UTC)
    return found


def _lifetimes() -> Lifetimes | None:
    """How long messages wait, None where Postfix does not say."""
    try:
        return queue_moves.lifetimes()
    except MailError as error:
        logger.warning('Cannot tell how long messages wait: %s', error)
        return None


def dated(
    entry: QueueEntry, lifetimes: Lifetimes | None, tries: Mapping[str, datetime]
) -> QueueEntry:
    """A message with the time of its next try, and of its end."""
    if entry.is_held or lifetimes is None:
        return replace(entry, next_try=tries.get(entry.id))
    stay = lifetimes.message if entry.sender else lifetimes.report
    return replace(entry, next_try=tries.get(entry.id), ends=entry.since + stay)


def noted(entry: QueueEntry, notes: Mapping[str, HeldNote]) -> QueueEntry:
    """A message on hold with the mailbox and the limit it was over."""
    note = notes.get(entry.id)
    if note is None or not entry.is_held:
        return entry
    return replace(entry, login=note.login, limit=note.limit)


def _complete(
    entries: Collection[QueueEntry], notes: Mapping[str, HeldNote]
) -> tuple[QueueEntry, ...]:
    """Messages with what Postfix's listing does not tell."""
    put_off = [each.id for each in entries if each.place == 'deferred']
    tries = next_tries(put_off) if put_off else {}
    lifetimes = _lifetimes() if entries else None
    return tuple(noted(dated(each, lifetimes, tries), notes) for each in entries)


@contextmanager
def _lines() -> Iterator[Iterator[str]]:
    """The lines of `postqueue -j`, as they come."""
    try:
        with closing(programs.lines(['postqueue', '-j'], queue_moves.SECONDS)) as found:
            yield found
    except OSError as error:
        raise MailError('queue-failed.list', str(error)) from error


def look(wanted: QueueFilter, first: int = 0, rows: int = ROWS) -> QueueListing:
    """A page of the messages that are meant, as they are now."""
    if not 0 <= first <= MOST_FIRST or not 1 <= rows <= MOST_ROWS:
        raise MailError('queue-filter-invalid')
    with _lines() as lines:
        found, on_hold = listing(lines, wanted, first, rows)
    notes = held_notes.held()
    holds.settle(notes, holds.on_hold(on_hold))
    return replace(
        found, messages=_complete(found.messages, notes), held=holds.by_login(on_hold, notes)
    )


def chosen(wanted: QueueFilter) -> tuple[QueueEntry, ...]:
    """All messages that are meant, as short as can be."""
    with _lines() as lines:
        return tuple(_Sums().meant(_Reading(lines), wanted))


def find(name: str) -> QueueEntry:
    """The message with this name."""
    found = chosen(QueueFilter.of('named', '', '', [name]))
    if not found:
        raise MailError('queued-missing', name=name)
    return _complete(found, held_notes.held())[0]
