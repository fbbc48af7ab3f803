# SPDX-License-Identifier: AGPL-3.0-or-later
"""Texts in the language a person chose in FreedomBox, for messages that root sends.

FreedomBox keeps the choice in its database, which root reads, and its translations beside its
code. A person without a choice or an account gets the language of the system; a text that is not
translated stays English.
"""

import gettext
import re
import sqlite3
from contextlib import closing
from pathlib import Path

DATABASE = Path('/var/lib/plinth/plinth.sqlite3')
LOCALES = Path('/usr/lib/python3/dist-packages/plinth/locale')
SYSTEM = Path('/etc/default/locale')
_QUERY = (
    'select language from freedombox_userprofile join auth_user on auth_user.id = user_id '
    'where username = ?'
)
_LANGUAGE = re.compile(r'[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?')


def _chosen(user: str, database: Path) -> str:
    try:
        with closing(sqlite3.connect(f'file:{database}?mode=ro', uri=True, timeout=2)) as found:
            row = found.execute(_QUERY, [user]).fetchone()
    except sqlite3.Error:
        return ''
    return str(row[0]) if row and row[0] else ''


def _of_system(path: Path) -> str:
    try:
        found = re.search(r'^LANG="?([A-Za-z_]+)', path.read_text(encoding='utf-8'), re.MULTILINE)
    except OSError:
        return ''
    return found[1] if found else ''


def language_of(user: str, database: Path = DATABASE, system: Path = SYSTEM) -> str:
    """The language of a user, as gettext names it; '' for none that is known."""
    language = (_chosen(user, database) if user else '') or _of_system(system)
    if not _LANGUAGE.fullmatch(language):
        return ''
    base, _, place = language.replace('-', '_').partition('_')
    return f'{base.lower()}_{place.upper()}' if len(place) == 2 else language.replace('-', '_')


def translated(text: str, language: str, locales: Path = LOCALES) -> str:
    """A text in a language, or as it is."""
    if not language:
        return text
    return gettext.translation('django', locales, [language], fallback=True).gettext(text)
