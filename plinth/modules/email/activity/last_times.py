# SPDX-License-Identifier: AGPL-3.0-or-later
"""The last times of mail traffic: a message came in, one went out, a mail app logged in.

Root finds them in the journal (`activity/traffic.py`) and keeps them in a file, so that the web
interface can look without asking. The file can be thrown away; it is no part of a backup, for
on another box it would be wrong.
"""

import dataclasses
import json
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

PATH = pathlib.Path('/var/lib/freedombox-email/last.json')


@dataclass(frozen=True)
class Times:
    """None where it never happened, as far as the journal goes back."""

    received: datetime | None = None
    """The last message from another mail server was accepted."""
    sent: datetime | None = None
    """The last message was delivered to another mail server."""
    device: datetime | None = None
    """A mail app on another device logged in."""

    def or_earlier(self, other: 'Times') -> 'Times':
        """These times, and those of an earlier reading where they are missing."""
        return Times(
            self.received or other.received, self.sent or other.sent, self.device or other.device
        )

    def to_json(self) -> dict[str, float | None]:
        """Plain values: seconds since 1970."""
        return {
            each.name: moment.timestamp() if (moment := getattr(self, each.name)) else None
            for each in dataclasses.fields(self)
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """These times from plain values; TypeError or ValueError if they are none."""
        return cls(**{
            each.name: None if (value := raw.get(each.name)) is None else at(float(value))
            for each in dataclasses.fields(cls)
        })  # fmt: skip


def at(seconds: float) -> datetime:
    """The moment that many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def kept(path: pathlib.Path = PATH) -> tuple[Times, datetime | None]:
    """The times of the last reading, and when that was; None when there was none."""
    try:
        raw = json.loads(path.read_text(encoding='ascii'))
        return Times.from_json(raw), at(float(raw['read']))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return Times(), None
