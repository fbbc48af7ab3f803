# SPDX-License-Identifier: AGPL-3.0-or-later
"""A delivery rehearsal: the checks another server made of a test message, and their score.

Authentication (SPF, DKIM, DMARC) is told by that server's results, encryption and the reverse name
by its Received field. What it did not tell counts neither as passed nor as failed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..status import State
from .received_field import ReceivedField
from .returned import METHODS, MISSING, Judgement, MethodResult, RoundTripAnswer

Check = Literal['spf', 'dkim', 'dmarc', 'tls', 'reverse']
_STATES = {
    'pass': State.WORKS,
    'fail': State.BROKEN,
    'permerror': State.BROKEN,
    MISSING: State.UNKNOWN,
}
_REVERSE = {'none': State.BROKEN, 'other': State.LOOK, 'same': State.WORKS}


def state_of(result: str) -> State:
    """The state for a result of RFC 8601."""
    return _STATES.get(result, State.LOOK)


@dataclass(frozen=True)
class RehearsalMark:
    """One check: its result, and the names it is about."""

    check: Check
    result: str
    state: State
    domain: str = ''
    host: str = ''


@dataclass(frozen=True)
class Score:
    """All checks of a rehearsal."""

    marks: tuple[RehearsalMark, ...]

    @property
    def known(self) -> int:
        """The number of checks the other server told of."""
        return sum(each.state != State.UNKNOWN for each in self.marks)

    @property
    def passed(self) -> int:
        """The number of checks that passed."""
        return sum(each.state == State.WORKS for each in self.marks)

    @property
    def unknown(self) -> int:
        """The number of checks the other server did not tell of."""
        return len(self.marks) - self.known

    @property
    def state(self) -> State:
        """The worst of the checks; all of them have to be known to work."""
        return min((each.state for each in self.marks), key=list(State).index)


def _of_method(found: MethodResult) -> RehearsalMark:
    return RehearsalMark(found.method, found.result, state_of(found.result), found.domain)


def marks_of(found: Judgement | None) -> Iterator[RehearsalMark]:
    """Yield the results of the methods."""
    yield from map(_of_method, found.results if found else map(MethodResult, METHODS))


def _of_tls(found: ReceivedField | None) -> RehearsalMark:
    """The encryption of the way to the other server."""
    if found is None or found.encrypted is None:
        return RehearsalMark('tls', MISSING, State.UNKNOWN)
    good = found.encrypted
    result, state = ('pass', State.WORKS) if good else ('none', State.LOOK)
    return RehearsalMark('tls', result, state, host=found.by)


def _of_reverse(found: ReceivedField | None) -> RehearsalMark | None:
    """The host name of this server's address; None where a relay has taken the message."""
    if found is None or (found.reverse is None and not found.logged_in):
        return RehearsalMark('reverse', MISSING, State.UNKNOWN)
    if found.logged_in:
        return None
    result = 'none' if not found.reverse else 'same' if found.reverse == found.helo else 'other'
    return RehearsalMark('reverse', result, _REVERSE[result], found.reverse or '', found.helo)


def score(answer: RoundTripAnswer) -> Score | None:
    """The score of an answer; None when the other server told nothing."""
    if answer.theirs is None and answer.received is None:
        return None
    way = (_of_tls(answer.received), _of_reverse(answer.received))
    return Score((*marks_of(answer.theirs), *filter(None, way)))
