# SPDX-License-Identifier: AGPL-3.0-or-later
"""The condition of the mail system: the answer to "is mail working", from an observation alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..status import State, Verdict
from ..words import health as words
from ..words.text import Sentence
from .check_list import problems
from .finding import Finding
from .observation import Observation

_ORDER = list(State)


@dataclass(frozen=True)
class Condition:
    """The answer to "is mail working", and the problems, worst first."""

    answer: Verdict
    findings: tuple[Finding, ...] = field(default=())
    cause: Sentence | None = None
    """The problem behind the answer."""

    @property
    def state(self) -> State:
        """How the mail system is as a whole."""
        return self.answer.state

    @property
    def headline(self) -> Sentence:
        """The answer in one sentence."""
        return Sentence(words.ANSWERS[self.answer.code], self.answer.params)


def _in_general(count: int) -> Verdict:
    """The answer when no finding has one of its own."""
    if not count:
        return Verdict(State.WORKS, 'works')
    return Verdict(State.LOOK, 'warnings', {'count': count})


def _answer(found: Sequence[Finding]) -> tuple[Verdict, Sentence | None]:
    """The worst answer of a finding, and the problem behind it."""
    answers = [(each.answer, each.title) for each in found if each.answer]
    if not answers:
        return _in_general(len(found)), None
    return min(answers, key=lambda pair: _ORDER.index(pair[0].state))


def judge(seen: Observation, now: datetime) -> Condition:
    """The condition by an observation."""
    if not seen.enabled:
        off = Verdict(State.LOOK, 'disabled')
        return Condition(off, (Finding(off),))
    found = sorted(problems(seen, now), key=lambda finding: _ORDER.index(finding.state))
    answer, cause = _answer(found)
    return Condition(answer, tuple(found), cause)
