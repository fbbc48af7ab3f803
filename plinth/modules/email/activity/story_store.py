# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories in an SQLite file, found by address, time, result and Message-ID.

NAME
    story_store - the file of the last messages

DESCRIPTION
    A batch of stories, the place in the journal up to which it goes, and what is open between
    two batches are written in one transaction. So whatever happens to the process that follows the
    journal, it goes on at the very place the file is up to.

    Stories are numbered in the order they began. Each address has a number too, and
    a row for each of its stories with the result, so that any search walks one index, newest
    first, and ends after a page. An address that begins with @ stands for its whole domain.

    The file has addresses and answers of servers in it: only its owner may read it. It is kept
    below a number of days and a size, by removing the oldest stories.

DIAGNOSTICS
    sqlite3.OperationalError   no room, no right, or another process keeps the file for too long
    A file that is damaged is removed, and stories begin anew.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..system import sqlite_file
from .hourly_counts import SCHEMA, HourCount, HourlyCounts
from .story import RESULTS, MessageStory, Result

PATH = Path('/var/lib/freedombox-email-trace/stories.sqlite3')
_PRUNED_AT_ONCE, _MOST_ADDRESSES = 2000, 20_000
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS story (
    id INTEGER PRIMARY KEY, first REAL NOT NULL, last REAL NOT NULL, result INTEGER NOT NULL,
    way TEXT NOT NULL, client TEXT NOT NULL, login TEXT NOT NULL, sender TEXT NOT NULL,
    message_id TEXT NOT NULL, size INTEGER NOT NULL, score REAL NOT NULL, rest TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_time ON story (first);
CREATE INDEX IF NOT EXISTS by_result ON story (result, id);
CREATE INDEX IF NOT EXISTS by_message_id ON story (message_id, id) WHERE message_id <> '';
CREATE TABLE IF NOT EXISTS address (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS involved (
    address INTEGER, story INTEGER, result INTEGER NOT NULL,
    PRIMARY KEY (address, story)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_address_and_result ON involved (address, result, story);
CREATE INDEX IF NOT EXISTS by_story ON involved (story);
CREATE TABLE IF NOT EXISTS queue (
    queue_id TEXT PRIMARY KEY, story INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS queue_by_story ON queue (story);
CREATE TABLE IF NOT EXISTS place (
    only INTEGER PRIMARY KEY CHECK (only = 1), cursor TEXT NOT NULL, pending TEXT NOT NULL);
"""
_COLUMNS = 'id, first, last, result, way, client, login, sender, message_id, size, score, rest'
_OTHER = (
    'SELECT 1 FROM involved AS with_it WHERE with_it.story = involved.story '
    'AND with_it.address = (SELECT id FROM address WHERE name ='
)
_PUT = f'INSERT OR REPLACE INTO story ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'  # noqa: S608


@dataclass(frozen=True)
class StorySearch:
    """The terms of a search; those left empty are not asked for.

    `addresses` are alternatives: the addresses of one person, or a single one.
    """

    addresses: tuple[str, ...] = ()
    result: Result | None = None
    message_id: str = ''
    since: float | None = None
    until: float | None = None
    before: int | None = None
    """The last story of the page before."""
    most: int = 25
    other: str = ''
    """An address or domain that has to be in it besides one of `addresses`."""
    queue_id: str = ''
    """A number in the queue, which has one story: nothing else is asked for then."""

    def __post_init__(self) -> None:
        if not 1 <= self.most <= 1000:
            raise ValueError('A page has 1 to 1000 stories.')

    def after(self, number: int) -> 'StorySearch':
        """The same from behind a story on."""
        return replace(self, before=number)


def _prepare(connection: sqlite3.Connection) -> None:
    sqlite_file.write_ahead(connection)
    connection.execute('PRAGMA cache_size=-1500')
    sqlite_file.of_version(connection, _VERSION, _SCHEMA + SCHEMA)


def _connect(path: Path) -> sqlite3.Connection:
    """The file with its tables, for its owner alone."""
    notice = 'Stories of messages begin anew, the file is damaged'
    return sqlite_file.opened(path, _prepare, notice, is_private=True)


def _names(story: MessageStory) -> set[str]:
    """The addresses of a story and their domains."""
    found = story.addresses
    return found | {f'@{address.rpartition("@")[2]}' for address in found}


class StoryStore:
    """The file of stories; it is the shelf of `stories.Stories`."""

    def __init__(self, path: Path = PATH) -> None:
        self._connection = _connect(path)
        self._addresses: dict[str, int] = {}
        self._counts = HourlyCounts(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with sqlite_file.transaction(self._connection):
                yield
        except BaseException:
            self._addresses.clear()
            self._counts.take_back()
            raise

    def _one(self, query: str, *values: Any) -> Any:
        found = self._connection.execute(query, values).fetchone()
        return None if found is None else found[0]

    def place(self) -> tuple[str, dict[str, Any]]:
        """The place in the journal the file is up to, '' for none, and what is open there."""
        found = self._connection.execute('SELECT cursor, pending FROM place').fetchone()
        return (str(found[0]), json.loads(found[1])) if found else ('', {})

    def first_time(self) -> float:
        """When the oldest story began, 0 without one."""
        return float(self._one('SELECT min(first) FROM story') or 0)

    def counts_since(self, moment: float) -> tuple[int, list[HourCount]]:
        """The first hour counted, and the counts of hours since a moment."""
        return self._counts.since(moment)

    def next_id(self) -> int:
        """The number of the next story."""
        return int(self._one('SELECT coalesce(max(id), 0) + 1 FROM story'))

    def id_by_queue_id(self, queue_id: str) -> int | None:
        """The story of a number in the queue."""
        found: int | None = self._one('SELECT story FROM queue WHERE queue_id = ?1', queue_id)
        return found

    def ids_by_message_id(self, message_id: str) -> list[int]:
        """The last stories with a Message-ID, the newest first."""
        query = (
            "SELECT id FROM story WHERE message_id = ? AND message_id <> '' "
            'ORDER BY id DESC LIMIT 10'
        )
        return [row[0] for row in self._connection.execute(query, (message_id,))]

    def load(self, number: int) -> MessageStory | None:
        """A story."""
        query = f'SELECT {_COLUMNS} FROM story WHERE id = ?1'  # noqa: S608 - names of ours
        row = self._connection.execute(query, (number,)).fetchone()
        return of_row(row) if row else None

    def write(
        self,
        stories: Iterable[MessageStory],
        gone: Iterable[int],
        cursor: str,
        pending: dict[str, Any],
    ) -> None:
        """Keep stories, forget some, and know the place in the journal, all at once."""
        batch = list(stories)
        with self._transaction():
            for number in gone:
                self._counts.uncount(number)
                self._forget(number)
            for story in batch:
                self._counts.count(story)
            self._put(batch)
            self._counts.write()
            self._connection.execute(
                'INSERT OR REPLACE INTO place VALUES (1, ?, ?)', (cursor, json.dumps(pending))
            )

    def _put(self, stories: Sequence[MessageStory]) -> None:
        """Put stories into the file, those of a batch by few statements."""
        rows = [to_row(story) for story in stories]
        names = [_names(story) for story in stories]
        numbers = self._address_numbers(set().union(*names))
        self._connection.executemany(_PUT, rows)
        self._connection.executemany(
            'INSERT INTO involved VALUES (?, ?, ?) '
            'ON CONFLICT DO UPDATE SET result = excluded.result',
            [
                (numbers[name], row[0], row[3])
                for row, found in zip(rows, names, strict=True)
                for name in found
            ],
        )
        self._connection.executemany(
            'INSERT OR REPLACE INTO queue VALUES (?, ?)',
            [(queue_id, story.id) for story in stories for queue_id in story.queue_ids],
        )

    def _address_numbers(self, names: set[str]) -> Mapping[str, int]:
        """The numbers of addresses; those that have none get one."""
        if len(self._addresses) > _MOST_ADDRESSES:
            self._addresses.clear()
        missing = sorted(names - self._addresses.keys())
        if missing:
            self._connection.executemany(
                'INSERT OR IGNORE INTO address (name) VALUES (?)', [(name,) for name in missing]
            )
            self._addresses.update(self._connection.execute(
                'SELECT name, id FROM address WHERE name IN (SELECT value FROM json_each(?))',
                (json.dumps(missing),),
            ))  # fmt: skip
        return self._addresses

    def _forget(self, number: int) -> None:
        self._counts.forget(number)
        self._connection.execute('DELETE FROM story WHERE id = ?1', (number,))
        self._connection.execute('DELETE FROM involved WHERE story = ?1', (number,))
        self._connection.execute('DELETE FROM queue WHERE story = ?1', (number,))

    def bytes_used(self) -> int:
        """The size of the file, without pages that are free to be used again."""
        pages = self._one('PRAGMA page_count') - self._one('PRAGMA freelist_count')
        return int(pages * self._one('PRAGMA page_size'))

    def prune(self, now: float, days: int, most_bytes: int) -> int:
        """Remove some of the oldest stories if there are too many; how many were removed."""
        since = now - days * 86_400
        limit = self._one('SELECT id FROM story WHERE first >= ? ORDER BY first LIMIT 1', since)
        if limit is None or self.bytes_used() > most_bytes:
            limit = 2**62
        query = 'SELECT id FROM story WHERE id < ?1 ORDER BY id LIMIT ?2'
        numbers = self._numbers(query, (limit, _PRUNED_AT_ONCE))
        with self._transaction():
            names = {name for number in numbers for name in self._names_of(number)}
            for number in numbers:
                self._forget(number)
            self._connection.executemany(
                'DELETE FROM address WHERE id = ?1 '
                'AND NOT EXISTS (SELECT 1 FROM involved WHERE address = ?1)',
                [(name,) for name in names],
            )
            self._counts.prune(now)
        self._addresses.clear()
        return len(numbers)

    def _names_of(self, number: int) -> list[int]:
        """The numbers of the addresses of a story."""
        return self._numbers('SELECT address FROM involved WHERE story = ?1', (number,))

    def search(self, wanted: StorySearch) -> list[MessageStory]:
        """A page of stories, the newest first."""
        low, high = self._bounds(wanted)
        if wanted.queue_id:
            number = self.id_by_queue_id(wanted.queue_id)
            numbers = [] if number is None or wanted.before else [number]
        elif wanted.message_id:
            numbers = self._by_message_id(wanted, low, high)
        elif wanted.addresses:
            numbers = self._by_addresses(wanted, low, high)
        else:
            numbers = self._by_result(wanted, low, high)
        found = (self.load(number) for number in numbers)
        return [story for story in found if story]

    def _bounds(self, wanted: StorySearch) -> tuple[int, int]:
        """The numbers of the first and the last story of a time, and of a page."""
        low, high = 0, (wanted.before or 2**62) - 1
        if wanted.since is not None:
            found = self._one(
                'SELECT id FROM story WHERE first >= ? ORDER BY first LIMIT 1', wanted.since
            )
            low = 2**62 if found is None else found
        if wanted.until is not None:
            found = self._one(
                'SELECT id FROM story WHERE first < ? ORDER BY first DESC LIMIT 1', wanted.until
            )
            high = min(high, found or 0)
        return low, high

    def _numbers(self, query: str, values: Sequence[Any]) -> list[int]:
        return [row[0] for row in self._connection.execute(query, values)]

    def _by_message_id(self, wanted: StorySearch, low: int, high: int) -> list[int]:
        """Stories of a Message-ID; few have the same, so the rest is compared one by one."""
        numbers = self._numbers(
            "SELECT id FROM story WHERE message_id = ?1 AND message_id <> '' "
            'AND id BETWEEN ?2 AND ?3 AND (?4 IS NULL OR result = ?4) ORDER BY id DESC LIMIT ?5',
            (wanted.message_id, low, high, _code(wanted.result), 1000),
        )
        if wanted.addresses:
            names = {name.lower() for name in wanted.addresses}
            stories = ((number, self.load(number)) for number in numbers)
            numbers = [number for number, story in stories if story and names & _names(story)]
        return numbers[: wanted.most]

    def _by_addresses(self, wanted: StorySearch, low: int, high: int) -> list[int]:
        """A page of each address, and of all these the newest."""
        found: set[int] = set()
        for name in {name.lower() for name in wanted.addresses}:
            number = self._one('SELECT id FROM address WHERE name = ?1', name)
            if number is None:
                continue
            query = 'SELECT story FROM involved WHERE address = ?1 AND story BETWEEN ?2 AND ?3 '
            values: list[Any] = [number, low, high, wanted.most]
            if wanted.result:
                query += 'AND result = ?5 '
                values.append(_code(wanted.result))
            if wanted.other:
                query += f'AND EXISTS ({_OTHER} ?{len(values) + 1})) '
                values.append(wanted.other)
            found.update(self._numbers(f'{query} ORDER BY story DESC LIMIT ?4', values))
        return sorted(found, reverse=True)[: wanted.most]

    def _by_result(self, wanted: StorySearch, low: int, high: int) -> list[int]:
        query = 'SELECT id FROM story WHERE id BETWEEN ?1 AND ?2 '
        values: list[Any] = [low, high, wanted.most]
        if wanted.result:
            query += 'AND result = ?4 '
            values.append(_code(wanted.result))
        return self._numbers(f'{query} ORDER BY id DESC LIMIT ?3', values)


def _code(result: Result | None) -> int | None:
    """The number of a result."""
    return RESULTS.index(result) if result else None


def to_row(story: MessageStory) -> tuple[Any, ...]:
    """A story as a row of the file."""
    return (
        story.id, story.first, story.last, RESULTS.index(story.result), story.way, story.client,
        story.login, story.sender, story.message_id, story.size, story.score, story.to_text(),
    )  # fmt: skip


def of_row(row: Sequence[Any]) -> MessageStory:
    """The story of a row; ValueError for anything else."""
    number, first, last, _result, way, client, login, sender, message_id, size, score, rest = row
    story = MessageStory(
        number, first, last, way, client, login, sender,
        message_id=message_id, size=size, score=score,
    )  # fmt: skip
    story.read_text(rest)
    return story
