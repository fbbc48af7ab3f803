# SPDX-License-Identifier: AGPL-3.0-or-later
"""A file of a service that is damaged is begun anew, whole and as private as before."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .. import sqlite_file

SCHEMA = 'CREATE TABLE IF NOT EXISTS note (text TEXT);'


def prepare(connection: sqlite3.Connection) -> None:
    sqlite_file.write_ahead(connection)
    sqlite_file.of_version(connection, 2, SCHEMA)


def notes(connection: sqlite3.Connection) -> list[Any]:
    return connection.execute('SELECT text FROM note').fetchall()


def opened(path: Path) -> sqlite3.Connection:
    return sqlite_file.opened(path, prepare, 'The file is damaged', is_private=True)


@pytest.mark.parametrize('damage', [b'no database at all', b'x' * 5000])
def test_a_damaged_file_begins_anew_without_what_stood_beside_it(
    damage: bytes, tmp_path: Path, capsys: Any
) -> None:
    path = tmp_path / 'notes.sqlite3'
    for end in ('', '-wal', '-shm'):
        path.with_name(path.name + end).write_bytes(damage)
    with closing(opened(path)) as connection:
        assert notes(connection) == []
    assert path.stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().err.startswith('The file is damaged: ')


def test_a_file_of_another_version_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / 'notes.sqlite3'
    with closing(sqlite3.connect(path)) as made:
        made.executescript(SCHEMA + "INSERT INTO note VALUES ('old'); PRAGMA user_version=1;")
    with closing(opened(path)) as connection:
        assert notes(connection) == []


def test_what_cannot_be_opened_is_not_removed(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        sqlite_file.opened(tmp_path / 'none' / 'notes.sqlite3', prepare, 'The file is damaged')


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / 'link').symlink_to(tmp_path / 'other')
    with pytest.raises(OSError, match='symbolic link'):
        opened(tmp_path / 'link')
    assert not (tmp_path / 'other').exists()


def test_a_transaction_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    with closing(opened(tmp_path / 'notes.sqlite3')) as connection:

        def fail() -> None:
            with sqlite_file.transaction(connection):
                connection.execute("INSERT INTO note VALUES ('lost')")
                raise ValueError('stop')

        with sqlite_file.transaction(connection):
            connection.execute("INSERT INTO note VALUES ('kept')")
        with pytest.raises(ValueError, match='stop'):
            fail()
        assert notes(connection) == [('kept',)]
