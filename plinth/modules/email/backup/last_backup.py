# SPDX-License-Identifier: AGPL-3.0-or-later
"""The time of the last backup that holds email, kept where the web interface can read it.

FreedomBox says when an app is saved, and root notes it then: reading the list of archives takes
seconds, and a password for those on other machines.
"""

import json
import pathlib
from dataclasses import dataclass
from datetime import UTC, datetime

from ..system import files
from ..system.json_value import JsonValue

PATH = pathlib.Path('/var/lib/freedombox-email/backup.json')


@dataclass(frozen=True)
class LastBackup(JsonValue):
    """The time of the last backup; None when there was none."""

    made: datetime | None = None


def note() -> None:
    """Keep that a backup was made now."""
    files.tell_web(PATH, LastBackup(datetime.now(UTC)).to_json())


def kept(path: pathlib.Path = PATH) -> LastBackup:
    """The last backup; OSError or ValueError when it cannot be read."""
    try:
        return LastBackup.from_json(json.loads(path.read_text(encoding='utf-8')))
    except FileNotFoundError:
        return LastBackup()
