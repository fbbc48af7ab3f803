# SPDX-License-Identifier: AGPL-3.0-or-later
"""Samples of mail traffic: messages of each hour, the queue, and the storage of each mailbox.

NAME
    samples - an SQLite file of numbers for charts, reports and metrics

DESCRIPTION
    What is sampled twice is stored once: an hour and a day have one row. So it does not matter how
    often the sampler runs, nor when it was ended. Hours are kept for 400 days. Storage is
    kept for each day of the last weeks, and for one day of a week before. The numbers of hours that
    are removed go on in totals, for counters must not fall.

    An hour without a row is unknown, and so is a number that is NULL: nothing was seen then.

DIAGNOSTICS
    sqlite3.OperationalError   no room, no right, or another process keeps the file for too long
    A file that is damaged is removed, and samples begin anew.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self

from ..system import sqlite_file
from .hourly_counts import HOUR, KINDS, HourCount

PATH = Path('/var/lib/freedombox-email/samples/samples.sqlite3')
DAYS = 400
ALL_DAYS = 35
"""Days before today of which each has the storage of mailboxes; before, one of a week has."""
_VERSION = 1
_NUMBERS = (*KINDS, 'queue')
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS hour (
    start INTEGER PRIMARY KEY, {', '.join(f'{name} INTEGER' for name in _NUMBERS)});
CREATE TABLE IF NOT EXISTS total (
    kind TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mailbox (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS used (
    day INTEGER, mailbox INTEGER, bytes INTEGER NOT NULL,
    PRIMARY KEY (day, mailbox)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class HourSample:
    """The numbers of an hour; None is unknown. `queue` is the longest it was."""

    start: int
    incoming: int | None = None
    outgoing: int | None = None
    spam: int | None = None
    refused: int | None = None
    deferred: int | None = None
    queue: int | None = None


def _prepare(connection: sqlite3.Connection) -> None:
    sqlite_file.of_version(connection, _VERSION, _SCHEMA)


def _connect(path: Path) -> sqlite3.Connection:
    """The file with its tables, for its owner alone."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    notice = 'Samples of mail begin anew, the file is damaged'
    return sqlite_file.opened(path, _prepare, notice, is_private=True)


class Samples:
    """The file of samples."""

    def __init__(self, path: Path = PATH) -> None:
        self._connection = _connect(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def keep_counts(self, first: int, counts: Iterable[HourCount], now: float) -> None:
        """Keep the counts of hours as they are now; `first` is an hour that may be incomplete.

        Hours up to the present one in which nothing was counted had no messages.
        """
        with sqlite_file.transaction(self._connection):
            self._know_hours(first, now)
            for start, kind, count in counts:
                value = f'max(coalesce({kind}, 0), ?1)' if start <= first else '?1'
                query = f'UPDATE hour SET {kind} = {value} WHERE start = ?2'  # noqa: S608 - ours
                self._connection.execute(query, (count, start))

    def _know_hours(self, first: int, now: float) -> None:
        """Have a row, and numbers, for each hour of the last week that was counted."""
        last = int(now // HOUR) * HOUR
        begin = max(first, last - 7 * 24 * HOUR)
        kinds = ', '.join(f'{kind} = coalesce({kind}, 0)' for kind in KINDS)
        hours = [(start,) for start in range(begin, last + 1, HOUR)] if first else []
        self._connection.executemany('INSERT OR IGNORE INTO hour (start) VALUES (?)', hours)
        query = f'UPDATE hour SET {kinds} WHERE start BETWEEN ?1 AND ?2'  # noqa: S608 - names of ours
        self._connection.execute(query, (begin, last))

    def keep_queue(self, length: int, now: float) -> None:
        """Keep the length of the queue, if it is the longest of this hour."""
        self._connection.execute(
            'INSERT INTO hour (start, queue) VALUES (?, ?) '
            'ON CONFLICT DO UPDATE SET queue = max(coalesce(queue, 0), excluded.queue)',
            (int(now // HOUR) * HOUR, length),
        )

    def keep_used(self, day: date, used: Mapping[str, int]) -> None:
        """Keep the storage used by each mailbox on a day, the last that was seen."""
        with sqlite_file.transaction(self._connection):
            self._connection.executemany(
                'INSERT OR IGNORE INTO mailbox (address) VALUES (?)',
                [(address,) for address in used],
            )
            self._connection.executemany(
                'INSERT OR REPLACE INTO used SELECT ?1, id, ?2 FROM mailbox WHERE address = ?3',
                [(day.toordinal(), size, address) for address, size in used.items()],
            )

    def prune(self, now: datetime) -> None:
        """Remove samples that are too old, and go on with their numbers in the totals."""
        limit = int((now - timedelta(days=DAYS)).timestamp())
        today = now.date().toordinal()
        sums = ', '.join(f'coalesce(sum({kind}), 0)' for kind in KINDS)
        with sqlite_file.transaction(self._connection):
            query = f'SELECT {sums} FROM hour WHERE start < ?1'  # noqa: S608 - names of ours
            row = self._connection.execute(query, (limit,)).fetchone()
            self._connection.executemany(
                'INSERT INTO total VALUES (?, ?) '
                'ON CONFLICT DO UPDATE SET count = count + excluded.count',
                list(zip(KINDS, row, strict=True)),
            )
            self._connection.execute('DELETE FROM hour WHERE start < ?1', (limit,))
            self._connection.execute(
                'DELETE FROM used WHERE day < ?1 OR day < ?2 AND day % 7 <> 0',
                (today - DAYS, today - ALL_DAYS),
            )
            self._connection.execute(
                'DELETE FROM mailbox WHERE id NOT IN (SELECT mailbox FROM used)'
            )

    def hours(self, since: float, until: float) -> dict[int, HourSample]:
        """The samples of hours that begin in a time, by their beginning."""
        query = (
            f'SELECT start, {", ".join(_NUMBERS)} FROM hour '  # noqa: S608 - names of ours
            'WHERE start >= ? AND start < ? ORDER BY start'
        )
        return {row[0]: HourSample(*row) for row in self._connection.execute(query, (since, until))}

    def used_in_all(self, first: date, last: date) -> dict[date, int]:
        """The storage used by all mailboxes on each day there is a sample of."""
        rows = self._connection.execute(
            'SELECT day, sum(bytes) FROM used WHERE day BETWEEN ? AND ? GROUP BY day',
            (first.toordinal(), last.toordinal()),
        )
        return {date.fromordinal(day): size for day, size in rows}

    def used_on(self, day: date) -> dict[str, int]:
        """The storage used by each mailbox on the last day with a sample up to a day."""
        rows = self._connection.execute(
            'SELECT address, bytes FROM used JOIN mailbox ON id = mailbox '
            'WHERE day = (SELECT max(day) FROM used WHERE day <= ?)',
            (day.toordinal(),),
        )
        return dict(rows.fetchall())

    def used_now(self) -> dict[str, int]:
        """The storage used by each mailbox on the last day there is."""
        return self.used_on(date.max)

    def totals(self) -> dict[str, int]:
        """All messages ever counted, of each kind."""
        sums = ', '.join(f'coalesce(sum({kind}), 0)' for kind in KINDS)
        row = self._connection.execute(f'SELECT {sums} FROM hour').fetchone()  # noqa: S608 - ours
        earlier = dict(self._connection.execute('SELECT kind, count FROM total').fetchall())
        return {kind: row[at] + earlier.get(kind, 0) for at, kind in enumerate(KINDS)}
