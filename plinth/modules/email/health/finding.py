# SPDX-License-Identifier: AGPL-3.0-or-later
"""A finding: one problem for the administrator, and the ways to solve it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..status import State, Verdict
from ..words import health as words
from ..words.text import Sentence

_UNSEEN = frozenset({'services-unknown', 'helpers-unknown', 'guards-unknown', 'versions-unknown'})


@dataclass(frozen=True)
class Remedy:
    """A link or a button that solves a finding.

    A link has the name of a page, a button the name of a repair.
    """

    code: str
    page: str = ''
    repair: str = ''
    about: str = ''
    """The subject of the page or the button, where there are many of them."""
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.page) == bool(self.repair):
            raise ValueError('A remedy is either a page or a repair.')

    @property
    def label(self) -> Sentence:
        """The text on it."""
        return Sentence(words.LABELS[self.code], self.params)


@dataclass(frozen=True)
class Finding:
    """One problem; without an answer of its own, mail works in spite of it."""

    verdict: Verdict
    about: str = ''
    """The domain, service or mail it is about, where there are many of its kind."""
    remedies: tuple[Remedy, ...] = ()
    answer: Verdict | None = None
    """The answer to "is mail working" while it lasts; its state may be milder.

    One domain of many that gets no mail is broken, and mail as a whole is not.
    """
    seen: datetime | None = None
    """The time of the check that found it, where that was not just now."""

    @property
    def code(self) -> str:
        """The name of this finding among all."""
        code = self.verdict.code.partition('.')[0]  # what follows is a variant of the sentence
        return f'{code}-{self.about}' if self.about else code

    @property
    def is_unseen(self) -> bool:
        """Whether it only says that something could not be looked at."""
        return self.verdict.code in _UNSEEN

    @property
    def state(self) -> State:
        """How bad it is."""
        return self.verdict.state

    @property
    def title(self) -> Sentence:
        """The problem."""
        return Sentence(words.PROBLEMS[self.verdict.code].title, self.verdict.params)

    @property
    def advice(self) -> Sentence:
        """Its consequence, or the way to solve it."""
        return Sentence(words.PROBLEMS[self.verdict.code].advice, self.verdict.params)
