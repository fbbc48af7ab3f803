# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Sieve scripts an owner manages in a mail app, and the last problem Dovecot had with them.

They are in the folder of the mailbox, which belongs to Dovecot's user: files are opened over no
link. Dovecot notes errors beside the script in use. It stops a script that needs too much processor
time, and turns it off for an hour when that happens again and again.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from ..errors import MailError
from ..mailstore import content
from ..system import nofollow
from ..system.json_value import JsonValue
from . import managed_copy

Trouble = Literal['', 'time', 'error']
LOG, FOLDER = '.dovecot.sieve.log', 'sieve'
_TOO_LONG = 'exceeded CPU time limit'
_ERROR = re.compile(
    r'^(?!info: |warning: )(?:\S+: |.+?: (?=line \d+: error: ))?'
    r'(line \d+: )?error: (?:msgid=<[^<>]*>: )?(.*)$'
)
"""A line names its script, and the line of it or the message that was wrong."""
_MOST_LOG = 1024 * 1024
_MOST_SCRIPTS = 100
_LONGEST = 500


@dataclass(frozen=True)
class OwnScripts(JsonValue):
    """The names of scripts, the one in use, and the last problem since it was changed."""

    names: tuple[str, ...] = ()
    active: str = ''
    trouble: Trouble = ''
    detail: str = ''
    since: datetime | None = None


def last_error(log: str) -> tuple[Trouble, str]:
    """The last problem in a log of Dovecot's, and its words."""
    found = [
        ''.join(match.groups(''))
        for line in log.splitlines()
        if (match := _ERROR.match(line.strip()))
    ]
    if not found:
        return '', ''
    detail = found[-1][:_LONGEST]
    return ('time' if _TOO_LONG in detail else 'error'), detail


def _names(folder: Path) -> tuple[str, ...]:
    """The names of the scripts in a folder."""
    with (
        suppress(FileNotFoundError, MailError),
        nofollow.folder(folder) as handle,
        os.scandir(handle) as entries,
    ):
        files = (each for each in entries if each.is_file(follow_symlinks=False))
        paths = (Path(each.name) for each in files)
        found = sorted(path.stem for path in paths if path.suffix == '.sieve')
        return tuple(found[:_MOST_SCRIPTS])
    return ()


def _active(home: Path) -> str:
    """The name of the script in use."""
    with suppress(OSError, MailError), nofollow.folder(home) as handle:
        return Path(os.readlink(managed_copy.ACTIVE, dir_fd=handle)).name.removesuffix('.sieve')
    return ''


def _changed(path: Path) -> float:
    with nofollow.file(path) as handle:
        return os.fstat(handle).st_mtime


def _problem(home: Path, active: str) -> tuple[Trouble, str, datetime | None]:
    """The last problem with the script in use, none if it was changed since."""
    try:
        noted = _changed(home / LOG)
        if noted < _changed(home / FOLDER / f'{active}.sieve'):
            return '', '', None
        log = nofollow.read(home / LOG, _MOST_LOG).decode(errors='replace')
    except (OSError, MailError):
        return '', '', None
    trouble, detail = last_error(log)
    return trouble, detail, content.at(noted) if trouble else None


def _is_ours(address: str, name: str, active: str) -> bool:
    """Whether a script is one of those that were put there, as it was put there."""
    if name == managed_copy.OWN:
        return managed_copy.present(address, name) == managed_copy.OWN_TEXT
    if name == managed_copy.NAME != active:
        return managed_copy.is_ours(managed_copy.present(address) or '')
    return False


def own_scripts(address: str) -> OwnScripts:
    """The scripts of a mailbox; its address is in its normal form."""
    home = content.folder_of(address)
    names, active = _names(home / FOLDER), _active(home)
    names = tuple(each for each in names if not _is_ours(address, each, active))
    if active not in names:
        return OwnScripts(names)
    return OwnScripts(names, active, *_problem(home, active))
