# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole months and weeks that reports are about."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from ..errors import MailError

PeriodKind = Literal['monthly', 'weekly']
PERIOD_KINDS: tuple[PeriodKind, ...] = get_args(PeriodKind)


@dataclass(frozen=True)
class Period:
    """A month, or a week from Monday on; both days belong to it."""

    kind: PeriodKind
    first: date
    last: date

    @property
    def name(self) -> str:
        """A name that only this period has: 2026-11, 2026-W48."""
        return f'{self.first:%Y-%m}' if self.kind == 'monthly' else f'{self.first:%G-W%V}'

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def last_before(kind: str, today: date) -> Period:
    """The last whole period before a day."""
    if kind == 'monthly':
        last = today.replace(day=1) - timedelta(days=1)
        return Period('monthly', last.replace(day=1), last)
    if kind == 'weekly':
        last = today - timedelta(days=today.isoweekday())
        return Period('weekly', last - timedelta(days=6), last)
    raise MailError('period-invalid', kind[:20])
