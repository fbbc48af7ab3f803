# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes on usage (`usage`) that root brings up to date.

Dovecot writes the note of a mailbox after each change only where there is a quota to keep
(`config/users.py`), because that makes a delivery a third slower. The others are asked of it
every quarter of an hour, with the search index, and before numbers are shown. A note that was
changed since Dovecot was asked is left alone: Dovecot knows better.

DIAGNOSTICS
    The errors of `content`, unchanged.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import MailError
from . import content, usage

EVERYONE = '*'
SECONDS = 5.0
_MOST_SECONDS = 300.0

logger = logging.getLogger(__name__)


def sums(rows: Iterable[Mapping[str, str]]) -> dict[str, int]:
    """Bytes by address, from those of each folder."""
    found = Counter[str]()
    for row in rows:
        found[row['username']] += int(row['vsize'])
    return dict(found)


def refresh(users: str = EVERYONE, seconds: float = SECONDS, folder: Path = usage.FOLDER) -> None:
    """Have the notes say what Dovecot says now."""
    began = time.time_ns()
    found = sums(content.status(users, 'vsize', seconds))
    known = usage.Usages(folder).look()
    for address, size in found.items():
        if known.get(address) != size:
            usage.replace(address, size, began, folder)


def refresh_if_possible(users: str = EVERYONE) -> None:
    """Have the notes say what Dovecot says now; older ones stay where it does not answer."""
    with suppress(MailError, OSError):
        refresh(users)


def main() -> None:
    """Do the run that follows the search index."""
    try:
        refresh(seconds=_MOST_SECONDS)
    except (MailError, OSError) as error:
        logger.warning('Storage used is not noted: %s', error)
