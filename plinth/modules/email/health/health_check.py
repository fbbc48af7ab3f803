# SPDX-License-Identifier: AGPL-3.0-or-later
"""A check: one part of the mail system that is looked at, and the verdict on it.

It works only if it was looked at and nothing was found. Without a finding, what could not be
looked at is unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..status import State
from ..words import health as problems
from ..words import health_checks as words
from ..words.text import Phrase, Sentence
from .finding import Finding

_ORDER = list(State)


@dataclass(frozen=True)
class HealthCheck:
    """A check with its findings."""

    name: str
    about: str = ''
    """The service, domain or name it is about, where there are many of its kind."""
    findings: tuple[Finding, ...] = ()
    """Its problems, the worst first."""
    unseen: str = ''
    """The code for the part that could not be looked at, if there is one."""
    seen: datetime | None = None
    """The time of the look, where that was not just now."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Values in the title, and in the sentence when all is well."""

    since: datetime | None = None
    """The time since when it is in this state, if that is known."""

    @property
    def key(self) -> str:
        """The name of this check among all."""
        return f'{self.name}-{self.about}' if self.about else self.name

    @property
    def state(self) -> State:
        """How it is."""
        states = [each.state for each in self.findings]
        if self.unseen:
            states.append(State.UNKNOWN)
        return min(states, key=_ORDER.index, default=State.WORKS)

    @property
    def works(self) -> bool:
        """Whether it was seen to work."""
        return self.state is State.WORKS

    @property
    def title(self) -> Sentence:
        """The part that is looked at."""
        found = words.CHECKS[self.name]
        return self._said(found.title if self.about else found.general or found.title)

    @property
    def sentence(self) -> Sentence:
        """The verdict: the worst problem, or that all is well."""
        if self.findings:
            return self.findings[0].title
        if self.unseen:
            return Sentence(_unseen(self.unseen))
        return self._said(words.CHECKS[self.name].works)

    def _said(self, phrase: Phrase) -> Sentence:
        return Sentence(phrase, {'about': self.about, **self.params})


def _unseen(code: str) -> Phrase:
    """The sentence for a part that could not be looked at."""
    return words.UNSEEN[code] if code in words.UNSEEN else problems.PROBLEMS[code].title
