# SPDX-License-Identifier: AGPL-3.0-or-later
"""The end of a mailbox or alias: when, the text senders get afterwards, and warnings before.

An entry whose end has come is off. `warned` is the number of days before the end at which people
were warned last, 0 if they were not.
"""

from datetime import datetime
from types import MappingProxyType

from .entry import check_text, now

LONGEST_FAREWELL = 200
"""Characters: the answer of a mail server has room for 512 bytes with all around it."""
WARNINGS = (14, 2)
"""Days before the end at which people are warned."""
ENDING_ATTRIBUTES = MappingProxyType(
    {'farewell': 'fbxMailFarewell', 'warned': 'fbxMailEndWarned'}
)  # fmt: skip


def check_farewell(text: str) -> None:
    """Refuse a text that is no plain line."""
    check_text(text, LONGEST_FAREWELL)


def days_left(end: datetime) -> float:
    """The days until an end, below 0 after it."""
    return (end - now()).total_seconds() / 86400


def already(end: datetime | None) -> int:
    """The warning that is pointless for an end that is chosen now: it is nearer than that."""
    near = [days for days in WARNINGS if end is not None and days_left(end) <= days]
    return min(near, default=0)


def due_warning(end: datetime | None, warned: int) -> int:
    """The warning that is due now, as the days before the end; 0 for none."""
    days = already(end)
    is_over = end is None or days_left(end) <= 0
    return 0 if is_over or days == warned or 0 < warned < days else days
