# SPDX-License-Identifier: AGPL-3.0-or-later
"""A finding: one problem for the administrator, and the ways to solve it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import lazy

from ..status import State
from ..words.text import Text

date = lazy(date_format, str)
"""A date as the reader of a sentence writes it."""


@dataclass(frozen=True)
class Remedy:
    """What a person can do about a finding: follow a link or press a button.

    A link has the name of a page, a button the name of a repair.
    """

    label: Text
    page: str = ''
    repair: str = ''
    about: str = ''
    """What the page or the button is about, where there are many of them."""

    def __post_init__(self) -> None:
        if bool(self.page) == bool(self.repair):
            raise ValueError('A remedy is either a page or a repair.')


@dataclass(frozen=True)
class Answer:
    """The answer to "is mail working" while a finding lasts; its state may be milder.

    One domain of many that gets no mail is broken, and mail as a whole is not.
    """

    state: State
    sentence: Text


@dataclass(frozen=True)
class Finding:
    """One problem; without an answer of its own, mail works in spite of it."""

    code: str
    state: State
    title: Text
    advice: Text
    remedy: Remedy | None = None
    other: Remedy | None = None
    """A second way to solve it."""
    answer: Answer | None = None
    seen: datetime | None = None
    """The time of the check that found it, where that was not just now."""

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What can be done, the first one first."""
        return tuple(each for each in (self.remedy, self.other) if each)
