# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords of relays, and the tables in which Postfix finds them.

Both are files of root in a folder of root. They are no part of the directory, of what the
transaction writes, and so of its diffs and its history; a backup saves them among its secrets.
Postfix opens a table before it gives up root's rights. It reads one of this kind once, so it has
to be told of changes. Each relay has a table of its own: a password can be sent to no other
host, for any sender. A password is kept with the host and the login it was entered for, and is
none for another, however the directory came to name that: by hand, an import or a backup.

DIAGNOSTICS
    password-invalid.relay   a password that cannot stand in such a table
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..config.ways_out import PASSWORDS
from ..directory.relay import Relay, chain
from ..errors import MailError
from ..system import files

FOLDER = Path(PASSWORDS).parent
LONGEST = 256


def _password_file(name: str) -> Path:
    return FOLDER / f'{name}.password'


def check_password(password: str) -> None:
    """Refuse a password that a line of the table cannot hold as it is."""
    is_plain = password.isprintable() and password == password.strip()
    if not password or len(password) > LONGEST or not is_plain:
        raise MailError('password-invalid.relay', most=LONGEST)


def _write(path: Path, text: str) -> bool:
    """Have a file of root hold this text; whether it did not before."""
    wanted = files.File('file', text.encode(), 0o600, os.geteuid(), os.getegid())
    if files.read(str(path)).digest == wanted.digest:
        return False
    files.write(str(path), wanted)
    return True


def _owner(relay: Relay) -> str:
    """The lines above a password: what it was entered for."""
    return f'{relay.host}\n{relay.login}\n'


def keep(relay: Relay, password: str) -> None:
    """Keep the password of a relay; an empty one is forgotten."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not password:
        forget(relay.name)
        return
    check_password(password)
    _write(_password_file(relay.name), _owner(relay) + password)


def forget(name: str) -> None:
    """Forget the password of a relay."""
    _password_file(name).unlink(missing_ok=True)


def password_of(relay: Relay) -> str:
    """The password of a relay, '' when none is kept for its host and login."""
    found = files.read(str(_password_file(relay.name)))
    text, owner = found.text if found.kind == 'file' else '', _owner(relay)
    return text.removeprefix(owner) if text.startswith(owner) else ''


def _table(relays: Iterable[Relay]) -> str:
    """The table of the passwords of some relays, by the places Postfix knows them by."""
    rows = ((relay, password_of(relay)) for relay in relays if relay.login)
    return ''.join(f'{each.destination} {each.login}:{word}\n' for each, word in rows if word)


def write_tables(relays: Mapping[str, Relay]) -> bool:
    """Have each relay's table hold the passwords of it and its backups; whether one changed."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = {Path(PASSWORDS.format(name)): chain(each, relays) for name, each in relays.items()}
    changed = [_write(path, _table(found)) for path, found in wanted.items()]
    for path in FOLDER.iterdir():
        is_known = path in wanted or path.name.removesuffix('.password') in relays
        if not is_known and path.suffix in ('.password', '.login'):
            path.unlink()
    return any(changed)
