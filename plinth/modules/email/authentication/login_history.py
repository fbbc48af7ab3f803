# SPDX-License-Identifier: AGPL-3.0-or-later
"""Networks from which a person was seen, to tell them of a new one.

All mailboxes of a person are opened by the same passwords, so their networks are kept together.
An IPv4 address counts as its /24, an IPv6 address as its /48, about what a provider hands to one
place. The first network of a login is its owner's. Logins from this machine (web mail, onion
services) are of no network. What is kept is a keyed hash, which tells no one where a person was.

DIAGNOSTICS
    A file that is damaged is removed, and all logins are learnt anew.
"""

import contextlib
import hashlib
import ipaddress
import json
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ..system import sqlite_file
from .guesses import is_this_machine

MOST_NETWORKS = 1000
"""Networks of one login; the one that was seen longest ago is forgotten."""
MOST_NOTICES = 5
"""Notices about one login in a day, for a stolen password may be tried from all over the world."""
DAY = 86_400
TELL = 'tell'
NO_OWNER = 'none'
"""Stands for the owner of a mailbox that stands alone."""
_COUNTRY = 'country'
"""Behind a login where its countries are kept: the first one is no news either."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS key (value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS seen (
    login TEXT, mark BLOB, last INTEGER NOT NULL, PRIMARY KEY (login, mark)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (login TEXT, at INTEGER NOT NULL);
"""


def network(address: str) -> str:
    """The network of an address, '' for this machine and for text that is no address."""
    try:
        found = ipaddress.ip_address(address.partition('%')[0])
    except ValueError:
        return ''
    if is_this_machine(str(found)):
        return ''
    found = getattr(found, 'ipv4_mapped', None) or found
    length = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network((found.packed, length), strict=False))


def _prepare(connection: sqlite3.Connection) -> None:
    sqlite_file.write_ahead(connection)
    connection.executescript(_SCHEMA)


class LoginHistory:
    """The networks of each login, in a file; `clock` tells the time in seconds since 1970."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        notice = 'All logins are learnt anew, the file is damaged'
        self._connection = sqlite_file.opened(path, _prepare, notice, timeout=1)
        self._key = self._stored_key()

    def _stored_key(self) -> bytes:
        found = self._connection.execute('SELECT value FROM key').fetchone()
        if found is None:
            found = (secrets.token_bytes(32),)
            self._connection.execute('INSERT INTO key VALUES (?)', found)
        return bytes(found[0])

    def _mark(self, place: str) -> bytes:
        return hashlib.blake2b(place.encode(), key=self._key, digest_size=8).digest()

    def is_new(self, login: str, place: str) -> bool:
        """Whether a login has never been seen in a place, and is known elsewhere; it is now."""
        now, mark = int(self._clock()), self._mark(place)
        query = 'SELECT last FROM seen WHERE (login, mark) = (?, ?)'
        found = self._connection.execute(query, (login, mark)).fetchone()
        if found and now - DAY < found[0] <= now:
            return False
        is_first = not self._count('seen', login)
        row = (login, mark, now)
        self._connection.execute('INSERT OR REPLACE INTO seen VALUES (?, ?, ?)', row)
        self._forget(login)
        return not found and not is_first

    def _count(self, table: str, login: str) -> int:
        query = f'SELECT count(*) FROM {table} WHERE ? = login'  # noqa: S608 - names of ours
        return int(self._connection.execute(query, (login,)).fetchone()[0])

    def _forget(self, login: str) -> None:
        """Forget the places of a login that are too many."""
        self._connection.execute(
            'DELETE FROM seen WHERE login = ?1 AND mark IN (SELECT mark FROM seen '
            'WHERE login = ?1 ORDER BY last DESC LIMIT -1 OFFSET ?2)',
            (login, MOST_NETWORKS),
        )

    def tells(self, login: str) -> bool:
        """Whether there may be one more notice about a login today."""
        now = int(self._clock())
        self._connection.execute(
            'DELETE FROM told WHERE at NOT BETWEEN ? AND ? + 0', (now - DAY, now)
        )
        if self._count('told', login) >= MOST_NOTICES:
            return False
        self._connection.execute('INSERT INTO told VALUES (?, ?)', (login, now))
        return True

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class LoginWatch:
    """Looks at logins that succeeded, and writes a note of each that is new to its owner.

    The country counts only where a database for it is installed: `country` gives its name.
    """

    def __init__(self, history: LoginHistory, folder: Path, country: Callable[[str], str]) -> None:
        self._history, self._folder, self._country = history, folder, country

    def see(self, login: str, remote: str, service: str, key_id: str, owner: str = '') -> None:
        """Note a login. What goes wrong here keeps no one from their mail."""
        whose = login if owner in ('', NO_OWNER) else owner
        place = network(remote)
        if not place or not login:
            return
        try:
            country = self._country(remote)
            new = self._history.is_new(whose, place)
            abroad = bool(country) and self._history.is_new(f'{whose} {_COUNTRY}', country)
            if (new or abroad) and self._history.tells(whose):
                self._write(login, remote, service, key_id, country)
        except (sqlite3.Error, OSError) as error:
            print(f'A login was not noted: {type(error).__name__}', file=sys.stderr)

    def _write(self, login: str, remote: str, service: str, key_id: str, country: str) -> None:
        """Write a note for root's program that tells people."""
        note = {
            'login': login, 'remote': remote, 'service': service, 'key_id': key_id,
            'country': country, 'at': datetime.now(UTC).replace(microsecond=0).isoformat(),
        }  # fmt: skip
        name = secrets.token_hex(16)
        temporary = self._folder.parent / f'.{name}'  # systemd watches the folder
        temporary.write_text(json.dumps(note), encoding='utf-8')
        temporary.replace(self._folder / name)


def watch(folder: Path, country: Callable[[str], str]) -> LoginWatch | None:
    """The watch that keeps its file in a folder, None where that cannot be."""
    tell = folder / TELL
    with contextlib.suppress(OSError, sqlite3.Error):
        tell.mkdir(mode=0o700, exist_ok=True)
        return LoginWatch(LoginHistory(folder / 'logins.sqlite3'), tell, country)
    print('No file for the networks of logins: new ones are not told of', file=sys.stderr)
    return None
