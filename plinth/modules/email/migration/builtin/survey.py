# SPDX-License-Identifier: AGPL-3.0-or-later
"""A survey of FreedomBox's built-in email app, which is only read.

It keeps each user's mail in /var/mail/USER/mail, the aliases that users made in a small
database, and takes mail for the names in Postfix's `mydestination`. Aliases that an
administrator added by hand are in /etc/aliases.

The database lies in a folder of the web process, and SQLite opens files by their names. So a
copy is read, made by descriptor in a folder of root; and as a local user can make a database that
never stops answering, it may hold and work only so much.

DIAGNOSTICS
    former-unreadable  the database of aliases could not be read
"""

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from ...config.paths import FORMER_ALIASES, FORMER_MAIL
from ...errors import MailError
from ...system import nofollow, programs
from .addresses import Former

ROOT = Path(FORMER_MAIL)
ALIASES = Path(FORMER_ALIASES, 'aliases.sqlite3')
SYSTEM_ALIASES = Path('/etc/aliases')
MOST_BYTES = 64 * 1024 * 1024
MOST_ALIASES = 25_000
_MOST_STEPS = 20_000_000
_STEPS = 1_000_000
_LONGEST_VALUE = 100_000
_BLOCK = 4096


def homes() -> list[Path]:
    """The folders in which that app keeps mail."""
    if not ROOT.is_dir():
        return []
    found = [Path(each.path) for each in os.scandir(ROOT) if not each.name.startswith('.')]
    return sorted(home for home in found if (home / 'mail/mailboxes').is_dir())


def size(folder: Path) -> tuple[int, int]:
    """How many bytes on disk, and how many files, messages take below a folder."""
    total = count = 0
    for base, _folders, names in os.walk(folder):
        # Not the search index, which is made anew.
        if os.path.basename(base) not in ('dbox-Mails', 'cur', 'new'):  # noqa: PTH119
            continue
        for name in names:
            if not name.startswith('dovecot'):
                length = os.lstat(os.path.join(base, name)).st_size  # noqa: PTH118 - many files
                total += -(-length // _BLOCK) * _BLOCK
                count += 1
    return total, count


def _postconf(name: str) -> str:
    """A setting of Postfix, '' where that cannot be asked."""
    ran = programs.run(['postconf', '-hx', name])
    return '' if ran.code else ran.output.strip()


def primary_domain() -> str:
    """The domain that app puts first."""
    return _postconf('mydomain')


def domains() -> list[str]:
    """The domains for which that app takes mail."""
    names = re.split(r'[\s,]+', _postconf('mydestination').lower())
    return sorted({name for name in names if '.' in name})


def aliases() -> list[Former]:
    """All aliases, those made by users first and each name once."""
    found: dict[str, Former] = {}
    for alias in (*_user_aliases(), *_system_aliases()):
        found.setdefault(alias.name, alias)
    return list(found.values())


def _user_aliases() -> list[Former]:
    """The aliases users made; old versions of that app could switch one off."""
    try:
        with _copied(ALIASES) as copy:
            return [
                Former(
                    str(row['name']).lower(), (str(row['value']),), owner=str(row['value']),
                    enabled=row.get('status', 1) != 0,
                )
                for row in _rows(copy)
            ]  # fmt: skip
    except FileNotFoundError:
        return []
    except (sqlite3.Error, KeyError) as error:
        raise _unreadable(str(error)) from error


def _unreadable(why: str) -> MailError:
    return MailError('former-unreadable', why)


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """Have a copy of a database, with the journal of a change that a crash cut short."""
    with tempfile.TemporaryDirectory(prefix='freedombox-email-') as folder:
        copy = Path(folder, path.name)
        copy.write_bytes(nofollow.read(path, MOST_BYTES))
        journal = path.with_name(f'{path.name}-journal')
        with suppress(FileNotFoundError):  # there nearly never is one
            copy.with_name(journal.name).write_bytes(nofollow.read(journal, MOST_BYTES))
        yield copy


def _rows(path: Path) -> list[dict[str, Any]]:
    """The rows of the table of aliases, as far as they are not beyond all measure."""
    left = iter(range(_MOST_STEPS // _STEPS))
    with closing(sqlite3.connect(path)) as base:
        base.execute('PRAGMA trusted_schema = OFF')
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        base.set_progress_handler(lambda: next(left, None) is None, _STEPS)
        base.row_factory = sqlite3.Row
        found = base.execute('SELECT * FROM alias ORDER BY name').fetchmany(MOST_ALIASES + 1)
    if len(found) > MOST_ALIASES:
        raise _unreadable(f'more than {MOST_ALIASES} aliases')
    return [dict(row) for row in found]


def _lines(text: str) -> Iterator[str]:
    """Yield the entries of an aliases(5) file, each on one line."""
    joined = re.sub(r'\n[ \t]+', ' ', re.sub(r'(?m)^[ \t]*(#.*)?\n', '', text))
    yield from (line.strip() for line in joined.splitlines() if line.strip())


def _system_aliases() -> Iterator[Former]:
    """Yield the aliases of /etc/aliases; see aliases(5)."""
    if not SYSTEM_ALIASES.is_file():
        return
    text = SYSTEM_ALIASES.read_text(encoding='utf-8', errors='replace') + '\n'
    for line in _lines(text):
        name, _, rest = line.partition(':')
        destinations = tuple(
            part.strip().strip('"').removeprefix('\\') for part in rest.split(',') if part.strip()
        )
        if name.strip() and '@' not in name and destinations:
            yield Former(name.strip().strip('"').lower(), destinations)
