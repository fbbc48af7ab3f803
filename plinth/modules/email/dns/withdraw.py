# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which records of signing keys to remove from a zone, once nothing needs them."""

from collections.abc import Iterable, Mapping

from . import tags
from .answer import Question, Status
from .changes import Values, ZoneChange
from .records import Key, quoted


def question(domain: str, key: Key) -> Question:
    """Where the record of a key is."""
    return Question(f'{key.selector}._domainkey.{domain}', 'TXT')


def _is_of(text: str, key: Key) -> bool:
    """Whether a record is of this key, however it is written."""
    try:
        return tags.squeezed(tags.parse(text).get('p', '')) == key.public
    except ValueError:
        return False


def withdrawals(
    domain: str, keys: Iterable[Key], found: Mapping[Question, tuple[Status, Values]], zone: str
) -> tuple[ZoneChange, ...]:
    """The changes that remove the records of keys, and no others at these names."""
    changes = []
    for key in keys:
        place = question(domain, key)
        _status, values = found.get(place, (Status.SILENT, ()))
        ours = tuple(quoted(value) for value in values if _is_of(value, key))
        if ours and (place.name.endswith(f'.{zone}')):
            changes.append(ZoneChange(*place, removed=ours))
    return tuple(changes)
