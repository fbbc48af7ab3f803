# SPDX-License-Identifier: AGPL-3.0-or-later
"""The head of every report: reporter, domain and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypedDict

from ..directory.address import parse_domain

MOST_MESSAGES = 10**9
LONGEST_SPAN = timedelta(days=32)


def clean(text: str, longest: int = 100) -> str:
    """A text of a stranger's as one short line of visible characters."""
    visible = ''.join(sign if sign.isprintable() else ' ' for sign in text)
    return ' '.join(visible.split())[:longest].rstrip()


def moment(seconds: Any) -> datetime:
    """The time that many seconds after 1970."""
    return datetime.fromtimestamp(int(seconds), UTC)


def organisation(domain: str) -> str:
    """The domain that was probably registered: the last two labels, or three as in example.co.uk.

    It only shares room among senders: no one gets more by inventing names below their own.
    """
    labels = domain.split('.')
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return '.'.join(labels[-3 if short else -2 :])


class Fields(TypedDict):
    """The fields of a head, to make a report of."""

    domain: str
    organisation: str
    report_id: str
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Head:
    """An organization's report on a domain's mail from `begin` to `end`."""

    domain: str
    organisation: str
    report_id: str
    begin: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        if parse_domain(self.domain) != self.domain or not self.report_id:
            raise ValueError(f'Not a report on a domain: {self.domain!r}')
        if not timedelta(0) <= self.end - self.begin <= LONGEST_SPAN:
            raise ValueError('A report is about a time that ends after it begins.')

    @property
    def day(self) -> date:
        """The day the report is about, which is the one in the middle of its time."""
        return (self.begin + (self.end - self.begin) / 2).date()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            'domain': self.domain,
            'organisation': self.organisation,
            'id': self.report_id,
            'begin': int(self.begin.timestamp()),
            'end': int(self.end.timestamp()),
        }


def fields(data: Mapping[str, Any]) -> Fields:
    """The fields of a head from its plain values."""
    return {
        'domain': str(data['domain']),
        'organisation': clean(data['organisation']),
        'report_id': clean(data['id']),
        'begin': moment(data['begin']),
        'end': moment(data['end']),
    }
