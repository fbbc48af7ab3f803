# SPDX-License-Identifier: AGPL-3.0-or-later
"""The age of the lists that Rspamd fetches, such as those of known bad links."""

import pathlib
from dataclasses import dataclass
from datetime import UTC, datetime

from ..system.json_value import JsonValue

FOLDER = pathlib.Path('/var/lib/rspamd')


@dataclass(frozen=True)
class SpamLists(JsonValue):
    """The time when the newest list was fetched; None when there is none yet."""

    fetched: datetime | None = None


def look(folder: pathlib.Path = FOLDER) -> SpamLists:
    """The lists that are kept; OSError when the folder cannot be read."""
    found = [each.stat().st_mtime for each in folder.iterdir() if each.suffix == '.map']
    return SpamLists(datetime.fromtimestamp(max(found), UTC) if found else None)
