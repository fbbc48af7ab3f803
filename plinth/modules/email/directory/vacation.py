# SPDX-License-Identifier: AGPL-3.0-or-later
"""The automatic reply of a mailbox while its owner is away (vacation, RFC 5230).

DIAGNOSTICS
    vacation-invalid   a day, the number of days, or the text can't be used; the variant says which
    text-invalid       the subject has control characters, or is too long
"""

import unicodedata
from dataclasses import dataclass
from datetime import date

from ..errors import MailError
from .entry import check_text
from .entry_text import EntryText

LONGEST_SUBJECT = 200
LONGEST_TEXT = 5000
MOST_DAYS = 30
USUAL_DAYS = 7


def plain_text(text: str) -> str:
    """Text of several lines with plain ends, as it is stored."""
    return '\n'.join(text.replace('\r\n', '\n').replace('\r', '\n').strip().split('\n'))


def _check_lines(text: str) -> None:
    """Refuse text that is empty, too long, or has control characters."""
    if not text:
        raise MailError('vacation-invalid.empty')
    if len(text) > LONGEST_TEXT:
        raise MailError('text-invalid.too-long', most=LONGEST_TEXT)
    if any(unicodedata.category(sign) in ('Cc', 'Cs') for sign in text if sign not in '\n\t'):
        raise MailError('text-invalid')


@dataclass(frozen=True)
class Vacation(EntryText):
    """An automatic reply: its text, the days it is sent on, and how often to one sender.

    Without a first day it is sent at once, without a last one until it is turned off. Both days
    count, in the time zone of the box. Without a subject the reply has that of the message.
    """

    text: str
    subject: str = ''
    first_day: date | None = None
    last_day: date | None = None
    days: int = USUAL_DAYS
    enabled: bool = True

    def __post_init__(self) -> None:
        """Refuse a reply that could not be sent."""
        _check_lines(self.text)
        if plain_text(self.text) != self.text:
            raise MailError('text-invalid')
        check_text(self.subject, LONGEST_SUBJECT)
        if not 1 <= self.days <= MOST_DAYS:
            raise MailError('vacation-invalid.days', most=MOST_DAYS)
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise MailError('vacation-invalid.last-day')

    def is_sent_on(self, day: date) -> bool:
        """Whether it is sent on a day."""
        return (
            self.enabled
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
        )

    def is_over(self, day: date) -> bool:
        """Whether its last day is past."""
        return self.last_day is not None and self.last_day < day


def parse_vacation(text: str) -> Vacation | None:
    """The reply an entry holds, None where it holds none."""
    return Vacation.parse(text) if text else None
