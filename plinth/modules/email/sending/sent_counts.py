# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counts of recipients elsewhere, by mailbox, and marks of those it has sent to before.

They are counted in steps of five minutes, so an hour is one of 60 to 65 minutes. Recipients are
kept as a keyed hash: the file tells only those who know an address that it was sent to.

DIAGNOSTICS
    A file that is damaged is removed, and counting begins anew.
"""

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..system import sqlite_file

STEP = 300
HOUR, DAY = 3600, 86_400
_SCHEMA = """
CREATE TABLE IF NOT EXISTS key (value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sent (
    login TEXT, step INTEGER, recipients INTEGER NOT NULL, first_time INTEGER NOT NULL,
    PRIMARY KEY (login, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS known (
    login TEXT, mark BLOB, PRIMARY KEY (login, mark)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holding (
    login TEXT PRIMARY KEY, since INTEGER NOT NULL, units INTEGER NOT NULL) WITHOUT ROWID;
"""
_SUMS = """
SELECT coalesce(sum(recipients) FILTER (WHERE step > :hour), 0), coalesce(sum(recipients), 0),
    coalesce(sum(first_time), 0)
FROM sent WHERE login = :login AND step > :day AND step <= :now
"""
_COUNT = """
INSERT INTO sent VALUES (?, ?, ?, ?) ON CONFLICT (login, step) DO UPDATE SET
    recipients = recipients + excluded.recipients, first_time = first_time + excluded.first_time
"""


_HOLD = """
INSERT INTO holding VALUES (:login, :now, :units) ON CONFLICT (login) DO UPDATE SET
    units = :units + CASE WHEN since > :old AND since <= :now THEN units ELSE 0 END,
    since = CASE WHEN since > :old AND since <= :now THEN since ELSE :now END
RETURNING units
"""
UNIT = 1024 * 1024
"""Held mail is counted in messages, a large one as one of each megabyte."""


@dataclass(frozen=True)
class Sums:
    """Recipients of the last hour and day, and those of the day who got no mail before."""

    hour: int = 0
    day: int = 0
    first_time: int = 0


@dataclass(frozen=True)
class Holding:
    """Held mail of a mailbox: whether this is the first, and how many units there are."""

    is_first: bool
    units: int


def _prepare(connection: sqlite3.Connection) -> None:
    sqlite_file.write_ahead(connection)
    if connection.execute('PRAGMA quick_check(1)').fetchone() != ('ok',):
        raise sqlite3.DatabaseError('quick_check')
    connection.executescript(_SCHEMA)


class SentCounts:
    """The counts in a file; `clock` tells the time in seconds since 1970."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        notice = 'Counting begins anew, the counts are damaged'
        self._connection = sqlite_file.opened(path, _prepare, notice, timeout=2)
        self._key = self._stored_key()
        self._pruned = 0.0

    def _stored_key(self) -> bytes:
        """The key of the hashes, made with the file."""
        found = self._connection.execute('SELECT value FROM key').fetchone()
        if found is None:
            found = (secrets.token_bytes(32),)
            self._connection.execute('INSERT INTO key VALUES (?)', found)
        return bytes(found[0])

    def mark(self, address: str) -> bytes:
        """The mark an address is known by."""
        text = address.lower().encode(errors='surrogateescape')
        return hashlib.blake2b(text, key=self._key, digest_size=8).digest()

    def sums(self, login: str) -> Sums:
        """The counts of a mailbox."""
        now = int(self._clock())
        steps = {'hour': _before(now, HOUR), 'day': _before(now, DAY), 'now': now // STEP}
        return Sums(*self._connection.execute(_SUMS, {'login': login, **steps}).fetchone())

    def unknown(self, login: str, marks: Iterable[bytes]) -> set[bytes]:
        """Those of the marks a mailbox has never sent to."""
        query = 'SELECT 1 FROM known WHERE (login, mark) = (?, ?)'
        return {
            mark
            for mark in marks
            if self._connection.execute(query, (login, mark)).fetchone() is None
        }

    def add(self, login: str, recipients: int, first_time: Collection[bytes]) -> None:
        """Count recipients, and know those who got mail for the first time."""
        step = int(self._clock()) // STEP
        with self._connection:
            self._connection.execute('BEGIN')
            self._connection.execute(_COUNT, (login, step, recipients, len(first_time)))
            self._learn(login, first_time)
        if self._pruned < self._clock() - HOUR:
            self._prune()

    def learn(self, login: str, marks: Iterable[bytes]) -> None:
        """Know recipients without counting them."""
        with self._connection:
            self._connection.execute('BEGIN')
            self._learn(login, marks)

    def _learn(self, login: str, marks: Iterable[bytes]) -> None:
        rows = [(login, mark) for mark in marks]
        self._connection.executemany('INSERT OR IGNORE INTO known VALUES (?, ?)', rows)

    def hold(self, login: str, size: int) -> Holding:
        """Count a held message, of a day or since a decision."""
        now, units = int(self._clock()), max(1, size // UNIT)
        values = {'login': login, 'now': now, 'old': now - DAY, 'units': units}
        ((total,),) = self._connection.execute(_HOLD, values).fetchall()
        return Holding(total == units, total)

    def forget_held(self, login: str) -> None:
        """Begin anew after a decision, and tell of the next held mail again."""
        self._connection.execute('DELETE FROM holding WHERE ? = login', (login,))

    def _prune(self) -> None:
        """Drop counts that are too old for any limit, or of a clock that was wrong."""
        self._pruned = self._clock()
        now = int(self._pruned)
        steps = _before(now, DAY) + 1, now // STEP
        self._connection.execute('DELETE FROM sent WHERE step NOT BETWEEN ? AND ? + 0', steps)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _before(now: int, seconds: int) -> int:
    """The last step that lies wholly before a time."""
    return (now - seconds) // STEP - 1
