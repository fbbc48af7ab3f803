# SPDX-License-Identifier: AGPL-3.0-or-later
"""The journal followed into stories.

NAME
    follower - entries of the journal as they come, written in batches

DESCRIPTION
    journalctl(1) gives the entries of the mail services from the place the file of stories is up
    to. Those of a second become one batch and one transaction, since most of what happens to a
    message happens within a second. Entries that are about no message move the place only now and
    then: to read them again changes nothing.

    An entry counts by what journald itself says of its service. Names of programs are their own
    words, and any account may write `postfix/qmgr` into the journal.

DIAGNOSTICS
    sqlite3.OperationalError   the stories cannot be written
    OSError                    journalctl cannot be run
    A place that is gone with the journal's oldest files is told, and the next entries are read
    by their time.
"""

import os
import pwd
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from ..maintenance.trace_keeping import TraceKeeping
from ..system.programs import ENVIRONMENT
from .journal_export import ExportReader
from .log_events import JournalEntry
from .log_lines import read
from .stories import Stories
from .story_store import StoryStore

FIRST_TIME = 86_400
"""Seconds of the journal that are read when there is no place yet."""
BATCH_SECONDS = 1.0
MOST_ENTRIES = 1000
IDLE_SECONDS = 60.0
"""After so long the place is kept although there was nothing to tell."""
PRUNE_SECONDS = 600.0
_CHUNK = 1 << 18
FIELDS = '--output-fields=MESSAGE,SYSLOG_IDENTIFIER'
_WORTH = r'^(?!(dis)?connect from |\w+ TLS connection |lmtp\(\d+\): |statistics: )'
_UNITS = ('postfix.service', 'postfix@-.service', 'dovecot.service', 'rspamd.service')


def matches() -> list[str]:
    """The entries that count, by what journald itself says; postsuper runs as Postfix's user."""
    account = 0
    with suppress(KeyError):
        account = pwd.getpwnam('postfix').pw_uid
    units = [f'_SYSTEMD_UNIT={unit}' for unit in _UNITS]
    return [*units, '+', f'_UID={account}', 'SYSLOG_IDENTIFIER=postfix/postsuper']


def command(cursor: str, last: float, now: float) -> list[str]:
    """The command that follows the journal from a place, or from a time where there is none.

    Without `--all` journalctl leaves out texts of more than 4096 bytes, which Rspamd writes. To
    leave out the most frequent lines that tell of no message costs less than to read them.
    """
    since = last + 0.000_001 if last else now - FIRST_TIME
    start = f'--after-cursor={cursor}' if cursor else f'--since=@{since:.6f}'
    return [
        'journalctl', '--quiet', '--no-pager', '--all', '--no-tail', '--follow', '--output=export',
        FIELDS, f'--grep={_WORTH}', '--case-sensitive=yes', start, *matches(),
    ]  # fmt: skip


class JournalTail:
    """A program that writes entries, and those of them that have come."""

    def __init__(self, words: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env={**os.environ, **ENVIRONMENT}, bufsize=0,
        )  # fmt: skip
        assert self._process.stdout is not None  # noqa: S101
        self._descriptor = self._process.stdout.fileno()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._descriptor, selectors.EVENT_READ)
        self._reader = ExportReader()
        self.has_ended = False

    def entries(self, seconds: float) -> list[JournalEntry]:
        """The entries that come within so many seconds."""
        found: list[JournalEntry] = []
        deadline = time.monotonic() + seconds
        while len(found) < MOST_ENTRIES:
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                break
            chunk = os.read(self._descriptor, _CHUNK)
            if not chunk:
                self.has_ended = True
                break
            found += self._reader.take(chunk)
        return found

    def close(self) -> int:
        """End the program, and give its status."""
        self._process.kill()
        self._selector.close()
        if self._process.stdout:
            self._process.stdout.close()
        return self._process.wait()


class Follower:
    """Takes entries, and writes their stories in batches."""

    def __init__(self, store: StoryStore) -> None:
        self._store = store
        self.cursor, pending = store.place()
        self.last = float(pending.get('last', 0.0))
        self._stories = Stories(store, pending)
        self._written = time.monotonic()

    def take(self, entries: Iterable[JournalEntry]) -> None:
        """Take entries, and write what they changed."""
        for entry in entries:
            event = read(entry)
            if event is not None:
                self._stories.see(event, entry.at)
            self.cursor, self.last = entry.cursor, entry.at
        is_due = time.monotonic() - self._written > IDLE_SECONDS
        if self._stories.changed or self._stories.gone or is_due:
            self._write()

    def _write(self) -> None:
        stories = self._stories
        pending = {**stories.pending(), 'last': self.last}
        self._store.write(stories.changed.values(), stories.gone, self.cursor, pending)
        stories.kept()
        self._written = time.monotonic()

    def forget_place(self) -> None:
        """Go on by the time of the last entry: the place is no longer in the journal."""
        self.cursor = ''


def _follow_one(follower: Follower, tail: JournalTail, tick: Callable[[], bool]) -> bool:
    """Follow until the program ends or `tick` says so; whether it gave anything."""
    has_entries = False
    while tick() and not tail.has_ended:
        entries = tail.entries(BATCH_SECONDS)
        has_entries = has_entries or bool(entries)
        follower.take(entries)
    return has_entries


def follow(
    store: StoryStore,
    goes_on: Callable[[], bool],
    words: Callable[[str, float, float], Sequence[str]] = command,
    keeping: Callable[[], TraceKeeping] = TraceKeeping,
) -> None:
    """Follow the journal as long as `goes_on` says so."""
    follower, pruned = Follower(store), 0.0

    def tick() -> bool:
        nonlocal pruned
        if time.monotonic() - pruned > PRUNE_SECONDS:
            pruned = time.monotonic()
            kept = keeping()
            store.prune(time.time(), kept.days, kept.megabytes * 1_000_000)
        return goes_on()

    while goes_on():
        tail = JournalTail(words(follower.cursor, follower.last, time.time()))
        try:
            has_entries = _follow_one(follower, tail, tick)
        finally:
            status = tail.close()
        if tail.has_ended and not has_entries and follower.cursor:
            print(f'The place in the journal is gone ({status}), going on by time', file=sys.stderr)
            follower.forget_place()
        elif tail.has_ended and not has_entries:
            raise OSError(f'journalctl ended with {status}')
