# SPDX-License-Identifier: AGPL-3.0-or-later
"""An SQLite file of a service: opened with its tables, begun anew where it is damaged.

DIAGNOSTICS
    sqlite3.OperationalError   no room, no right, or another process keeps the file for too long
"""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Prepare = Callable[[sqlite3.Connection], None]
"""Makes the tables; sqlite3.DatabaseError for a file that is damaged."""
_BESIDE = ('', '-wal', '-shm')


def write_ahead(connection: sqlite3.Connection) -> None:
    """Have readers and a writer not wait for each other (WAL)."""
    connection.execute('PRAGMA journal_mode=WAL')
    connection.execute('PRAGMA synchronous=NORMAL')


def of_version(connection: sqlite3.Connection, version: int, schema: str) -> None:
    """Make the tables, or find those of this version; DatabaseError for any other."""
    found = connection.execute('PRAGMA user_version').fetchone()[0]
    if found not in (0, version):
        raise sqlite3.DatabaseError(f'version {found}')
    connection.executescript(f'{schema}PRAGMA user_version={version};')


def private(path: Path) -> None:
    """Have a file that only its owner may read, before there is anything in it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))


def _opened(path: Path, prepare: Prepare, timeout: float, is_private: bool) -> sqlite3.Connection:
    if is_private:
        private(path)
    connection = sqlite3.connect(path, isolation_level=None, timeout=timeout)
    try:
        prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def opened(
    path: Path, prepare: Prepare, notice: str, timeout: float = 5, *, is_private: bool = False
) -> sqlite3.Connection:
    """The file with its tables, a new one where it is damaged; then the notice is logged."""
    try:
        return _opened(path, prepare, timeout, is_private)
    except sqlite3.OperationalError:
        raise  # no room, or no right: not the file's fault
    except sqlite3.DatabaseError as error:
        print(f'{notice}: {error}', file=sys.stderr)
        for end in _BESIDE:
            path.with_name(f'{path.name}{end}').unlink(missing_ok=True)
        return _opened(path, prepare, timeout, is_private)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep all that is written within, or nothing."""
    connection.execute('BEGIN IMMEDIATE')
    try:
        yield
    except BaseException:
        connection.execute('ROLLBACK')
        raise
    connection.execute('COMMIT')
