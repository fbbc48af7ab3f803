# SPDX-License-Identifier: AGPL-3.0-or-later
"""The answer to "is mail working", made from an observation alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from freedombox.utils import format_lazy

from ..status import State
from ..words.parts import PARTS, Part
from ..words.text import Text
from .finding import Answer, Finding
from .findings import findings
from .observation import Observation

_ORDER = list(State)


@dataclass(frozen=True)
class Verdict:
    """The answer to "is mail working", and the problems, worst first."""

    state: State
    headline: Text
    findings: tuple[Finding, ...] = field(default=())
    cause: Text = ''
    """The problem behind the headline."""


def _off() -> Verdict:
    """The answer for an app that is switched off."""
    finding = Finding(
        'disabled',
        State.LOOK,
        _('Email is turned off.'),
        _("Users can't send, receive or read mail. Turn it on with the switch above."),
    )
    return Verdict(State.LOOK, _('Email is turned off.'), (finding,))


def _in_general(count: int) -> Answer:
    """The answer when no finding has one of its own."""
    if not count:
        return Answer(State.WORKS, _('Mail is working.'))
    sentence = ngettext_lazy(
        'Mail is working. {count} warning.', 'Mail is working. {count} warnings.', count
    )
    return Answer(State.LOOK, format_lazy(sentence, count=count))


def _answer(found: Sequence[Finding]) -> tuple[Answer, Text]:
    """The worst answer of a finding, and the problem behind it."""
    answers = [(each.answer, each.title) for each in found if each.answer]
    if not answers:
        return _in_general(len(found)), ''
    return min(answers, key=lambda pair: _ORDER.index(pair[0].state))


def judge(seen: Observation, now: datetime) -> Verdict:
    """The verdict on an observation."""
    if not seen.enabled:
        return _off()
    found = sorted(findings(seen, now), key=lambda finding: _ORDER.index(finding.state))
    answer, cause = _answer(found)
    return Verdict(answer.state, answer.sentence, tuple(found), cause)


def part_states(seen: Observation) -> list[tuple[Part, State]]:
    """Return each program with its state."""
    if seen.units is None:
        return [(part, State.UNKNOWN) for part in PARTS]
    return [
        (part, State.WORKS if seen.units.get(part.unit, False) else State.BROKEN) for part in PARTS
    ]
