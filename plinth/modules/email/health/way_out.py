# SPDX-License-Identifier: AGPL-3.0-or-later
"""Findings about the way out: port 25 that the internet provider shut, relays that refuse mail."""

from collections.abc import Iterator

from ..status import State, Verdict
from .finding import Finding, Remedy
from .observation import Observation, Records

_PAGE = Remedy('set-up-sending', page='email:delivery')
_TROUBLES = {'port-25-shut': State.BROKEN, 'port-25-partly': State.LOOK}


def _shut(records: Records) -> Finding | None:
    """Outgoing connections that fail; they are the same for all domains."""
    seen = records.outgoing
    if seen is None or seen.code not in _TROUBLES:
        return None
    state = _TROUBLES[seen.code]
    answer = Verdict(State.BROKEN, 'keeps-in') if state is State.BROKEN else None
    again = Remedy('check-again', repair='check', about=records.domain)
    return Finding(
        Verdict(state, f'way-out.{seen.code}'), '', (_PAGE, again), answer, records.checked
    )


def shut(seen: Observation) -> Iterator[Finding]:
    """A way out that is shut, once for all domains."""
    found = filter(None, map(_shut, seen.records or ()))
    yield from sorted(found, key=lambda each: list(State).index(each.state))[:1]


def refusing_relays(seen: Observation) -> Iterator[Finding]:
    """Relays that mail waits for."""
    for each in seen.relays or ():
        params = {'relay': each.relay, 'count': each.count, 'said': each.said}
        answer = Verdict(State.LOOK, 'relay', {'relay': each.relay})
        verdict = Verdict(State.BROKEN, f'relay.{each.kind}', params)
        yield Finding(verdict, each.relay, (_PAGE,), answer)
