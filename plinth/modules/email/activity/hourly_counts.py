# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages counted by the hour they began in, beside the stories they are counted from.

A story counts once for each kind it is of, and is counted anew whenever it changes: what it counted
for before is kept with it, and taken back in the same transaction. So counts are the same after
a restart at any place, and stories that are removed for their age stay counted.
"""

import sqlite3
from collections import Counter
from typing import Any

from .story import MessageStory

KINDS = ('incoming', 'outgoing', 'spam', 'refused', 'deferred')
"""Taken from another server; delivered to one; found to be spam; not taken, at least not for all
recipients; had to wait."""
HOUR = 3600
DAYS = 40
SCHEMA = """
CREATE TABLE IF NOT EXISTS hour (
    start INTEGER, kind INTEGER, count INTEGER NOT NULL,
    PRIMARY KEY (start, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counted (story INTEGER PRIMARY KEY, mark INTEGER NOT NULL);
"""
HourCount = tuple[int, str, int]
"""The beginning of an hour, a kind, and how many stories of it there are."""
_SPAM = frozenset({'add header', 'rewrite subject', 'quarantine', 'reject', 'discard'})
_MOST = 2**53
_BITS = 1 << len(KINDS)


def kinds_of(story: MessageStory) -> tuple[bool, ...]:
    """Whether a story is of each kind."""
    results = {end.result for end in story.ends.values()}
    from_outside = story.way == 'server'
    return (
        from_outside and story.size > 0,
        'sent' in results,
        from_outside and story.action in _SPAM,
        'refused' in results,
        any(step.kind == 'delayed' for step in story.steps),
    )


def mark_of(story: MessageStory) -> int:
    """The hour of a story and its kinds in one number."""
    kinds = sum(1 << place for place, is_so in enumerate(kinds_of(story)) if is_so)
    return int(story.first // HOUR) * _BITS + kinds


def _counts(mark: int) -> Counter[tuple[int, int]]:
    hour, kinds = divmod(mark, _BITS)
    return Counter({(hour * HOUR, kind): 1 for kind in range(len(KINDS)) if kinds >> kind & 1})


class HourlyCounts:
    """The counts in the file of stories, changed within its transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes: Counter[tuple[int, int]] = Counter()

    def _mark(self, number: int) -> int:
        query = 'SELECT mark FROM counted WHERE story = ?1'
        found = self._connection.execute(query, (number,)).fetchone()
        return int(found[0]) if found else 0

    def _move(self, before: int, after: int) -> None:
        self._changes.update(_counts(after))
        self._changes.subtract(_counts(before))

    def count(self, story: MessageStory) -> None:
        """Count a story as it is now, and no longer as it was."""
        before, after = self._mark(story.id), mark_of(story)
        if before != after:
            self._move(before, after)
            self._connection.execute(
                'INSERT OR REPLACE INTO counted VALUES (?, ?)', (story.id, after)
            )

    def uncount(self, number: int) -> None:
        """Count a story no longer: it is a part of another one."""
        self._move(self._mark(number), 0)

    def forget(self, number: int) -> None:
        """Know no longer what a story counted for; the counts stay."""
        self._connection.execute('DELETE FROM counted WHERE story = ?1', (number,))

    def write(self) -> None:
        """Write the counts that have changed."""
        self._connection.executemany(
            'INSERT INTO hour VALUES (?, ?, ?) '
            'ON CONFLICT DO UPDATE SET count = count + excluded.count',
            [(start, kind, count) for (start, kind), count in self._changes.items() if count],
        )
        self._changes.clear()

    def take_back(self) -> None:
        """Forget changes whose transaction has failed."""
        self._changes.clear()

    def prune(self, now: float) -> None:
        """Remove counts that were read long ago."""
        limit = now - DAYS * 24 * HOUR
        self._connection.execute('DELETE FROM hour WHERE start < ?1', (limit,))

    def since(self, moment: float) -> tuple[int, list[HourCount]]:
        """The first hour there is, and the counts since a moment.

        The first hour may have been counted in part only.
        """
        first = self._connection.execute('SELECT min(start) FROM hour').fetchone()[0]
        query = 'SELECT start, kind, count FROM hour WHERE start >= ?1'
        rows = self._connection.execute(query, (moment,))
        return int(first or 0), [(start, KINDS[kind], count) for start, kind, count in rows]


def of_plain(raw: Any) -> tuple[int, list[HourCount]]:
    """The result of `since` from plain values; ValueError for anything else."""
    try:
        first, counts = raw
        found = [(int(start), str(kind), int(count)) for start, kind, count in counts]
        begin = int(first)
    except (TypeError, OverflowError) as error:
        raise ValueError('no counts') from error
    if any(kind not in KINDS or not 0 <= count < _MOST for _start, kind, count in found):
        raise ValueError('no counts')
    return begin, found
