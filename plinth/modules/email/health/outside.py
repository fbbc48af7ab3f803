# SPDX-License-Identifier: AGPL-3.0-or-later
"""Findings about the way in: port 25 tested by another box, and messages that came."""

from collections.abc import Iterator

from ..status import State, Verdict
from ..words import dns
from .finding import Finding, Remedy
from .observation import Observation, Records

OPEN = 'reach-open'
SHUT = frozenset({'reach-shut', 'reach-partly', 'reach-other', 'reach-silent'})
"""Verdicts of another box that are a problem."""
_GRAVE = frozenset({'reach-shut', 'reach-other'})


def tested(seen: Observation) -> Records | None:
    """The check with a test from outside, unless a message has come in since."""
    found = next((each for each in seen.records or () if each.reach), None)
    received = seen.times.received if seen.times else None
    if found is None or (found.checked and received and received > found.checked):
        return None
    return found


def findings(seen: Observation) -> Iterator[Finding]:
    """A way in that is shut, or by which no message has come so far."""
    found = tested(seen)
    if found and found.reach and found.reach.code in SHUT:
        yield _shut(found, found.reach)
    elif seen.reachable and seen.times and not seen.times.received:
        yield _unreached(is_open=found is not None)


def _shut(records: Records, found: Verdict) -> Finding:
    is_grave = found.code in _GRAVE
    state = State.BROKEN if is_grave else State.LOOK
    return Finding(
        Verdict(state, f'port-25-in.{found.code}', {'sentence': dns.said(found)}),
        remedies=(
            Remedy('router', page='networks:index'),
            Remedy('check-again', repair='check', about=records.domain),
        ),
        answer=Verdict(State.BROKEN, found.code) if is_grave else None,
        seen=records.checked,
    )


def _unreached(*, is_open: bool) -> Finding:
    """No message yet, though port 25 may be known to be open."""
    test = Remedy('test-receiving', page='email:test-message')
    return Finding(
        Verdict(State.UNKNOWN, 'unreached.open' if is_open else 'unreached'),
        remedies=(test,),
        answer=Verdict(State.UNKNOWN, 'unreached-open' if is_open else 'unreached'),
    )
