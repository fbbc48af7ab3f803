# SPDX-License-Identifier: AGPL-3.0-or-later
"""Limits on recipients elsewhere: of a mailbox, else of its domain, else the usual ones.

The usual ones are data: `/usr/share/freedombox-email/limits.json`. An administrator's own
`/etc/freedombox-email/limits.json` takes its place.

DIAGNOSTICS
    limit-invalid    a limit is no number from 1 to a million, or 0 for none of its own
"""

import json
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, Self

from ..errors import MailError
from ..system.json_value import JsonValue

FILES = ('/etc/freedombox-email/limits.json', '/usr/share/freedombox-email/limits.json')
MOST = 1_000_000
LIMIT_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        'recipients_hour': 'fbxMailRecipientsHour',
        'recipients_day': 'fbxMailRecipientsDay',
        'first_time_day': 'fbxMailFirstTimeDay',
    }
)
"""The fields of domains and mailboxes, and their LDAP attributes."""


class HasLimits(Protocol):
    """An entry with limits of its own."""

    @property
    def recipients_hour(self) -> int: ...  # noqa: D102

    @property
    def recipients_day(self) -> int: ...  # noqa: D102

    @property
    def first_time_day(self) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class SendLimits(JsonValue):
    """Recipients in an hour and a day, and those in a day who got no mail before; 0 for unset."""

    recipients_hour: int = 0
    recipients_day: int = 0
    first_time_day: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that are no limits."""
        for name in LIMIT_ATTRIBUTES:
            if not 0 <= getattr(self, name) <= MOST:
                raise MailError('limit-invalid', most=MOST)

    @classmethod
    def of(cls, entry: HasLimits) -> Self:
        """The limits of an entry's own."""
        return cls(entry.recipients_hour, entry.recipients_day, entry.first_time_day)

    def or_else(self, other: 'SendLimits') -> 'SendLimits':
        """These limits, and another's where there is none."""
        return SendLimits(
            self.recipients_hour or other.recipients_hour,
            self.recipients_day or other.recipients_day,
            self.first_time_day or other.first_time_day,
        )


OwnLimits = Mapping[str, int | None]
"""New limits by the names of their fields; None leaves one as it is."""
UNCHANGED: OwnLimits = MappingProxyType({})


def own_limits(
    recipients_hour: int | None, recipients_day: int | None, first_time_day: int | None
) -> OwnLimits:
    """New limits by the names of their fields."""
    values = recipients_hour, recipients_day, first_time_day
    return dict(zip(LIMIT_ATTRIBUTES, values, strict=True))


def given(limits: OwnLimits) -> dict[str, Any]:
    """Those of the limits that are to be changed."""
    return {name: most for name, most in limits.items() if most is not None}


def _read(path: pathlib.Path) -> SendLimits:
    """The limits in a file; ValueError or MailError where it has none."""
    found = SendLimits.from_json(json.loads(path.read_text(encoding='utf-8')))
    if not all(found.to_json().values()):
        raise ValueError('a limit is missing')
    return found


def usual(files: tuple[str, ...] = FILES) -> SendLimits:
    """The limits of mailboxes without any, by the first of the files that has them."""
    for name in files:
        try:
            return _read(pathlib.Path(name))
        except (OSError, ValueError, MailError):
            continue
    return SendLimits(100, 500, 100)
