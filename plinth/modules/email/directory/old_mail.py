# SPDX-License-Identifier: AGPL-3.0-or-later
"""Days after which mail in Trash and Junk is deleted: of a mailbox, else of its domain, else usual.

DIAGNOSTICS
    days-invalid    the text is neither a number of days nor `never`
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from ..errors import MailError

NEVER = 'never'
MOST_DAYS = 3650
USUAL: Mapping[str, str] = MappingProxyType({'trash_days': '90', 'junk_days': '30'})
"""The days where neither mailbox nor domain say anything."""
UNDELETE_DAYS = 30
"""How long deleted mail can be brought back."""
QUARANTINE_DAYS = 30
"""How long a message stays in quarantine."""
DAYS_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {'trash_days': 'fbxMailTrashDays', 'junk_days': 'fbxMailJunkDays'}
)
FOLDERS: Mapping[str, str] = MappingProxyType({'trash_days': 'Trash', 'junk_days': 'Junk'})


class HasDays(Protocol):
    """An entry with days of its own."""

    @property
    def trash_days(self) -> str: ...  # noqa: D102

    @property
    def junk_days(self) -> str: ...  # noqa: D102


def normal_days(text: str) -> str:
    """Days as they are stored: a number, `never`, or '' for none of one's own."""
    word = text.strip().lower()
    if word in ('', NEVER):
        return word
    if not (word.isascii() and word.isdecimal() and 1 <= int(word) <= MOST_DAYS):
        raise MailError('days-invalid', most=MOST_DAYS)
    return str(int(word))


def check_days(*texts: str) -> None:
    """Refuse stored text that is no number of days."""
    for text in texts:
        if normal_days(text) != text:
            raise MailError('days-invalid', most=MOST_DAYS)


def effective_days(field: str, *entries: HasDays | None) -> int:
    """The days that hold for a folder, the nearest entry first; 0 for never."""
    texts = (str(getattr(entry, field)) for entry in entries if entry)
    text = next(filter(None, texts), USUAL[field])
    return 0 if text == NEVER else int(text)
