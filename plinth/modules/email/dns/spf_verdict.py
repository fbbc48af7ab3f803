# SPDX-License-Identifier: AGPL-3.0-or-later
"""Verdicts on rules of SPF other than those proposed: whether they fit the ways mail leaves by."""

from ..status import State, Verdict
from . import spf
from .answer import Seen
from .records import Site

_FAULTS = {
    'permerror': (State.BROKEN, 'spf-garbage'),
    spf.LIMIT: (State.BROKEN, 'spf-limit'),
    'fail': (State.BROKEN, 'spf-refuses'),
    'softfail': (State.LOOK, 'spf-doubts'),
    'neutral': (State.LOOK, 'spf-doubts'),
    'none': (State.LOOK, 'spf-doubts'),
}
"""The results of rules for our addresses, the worst first (RFC 7208 section 8)."""
_OF_RULES = frozenset({'permerror', spf.LIMIT})
"""Results that are the same for all addresses."""


def _fault(site: Site, seen: Seen) -> Verdict | None:
    """The verdict on rules that do not let this box send as it does, None for others."""
    results = set(seen.spf.values())
    counting = results if site.sends_directly else results & _OF_RULES
    found = next((_FAULTS[each] for each in _FAULTS if each in counting), None)
    return Verdict(*found) if found else None


def _without_relay(site: Site, rules: str) -> Verdict | None:
    """The verdict on rules that do not name a relay by which mail leaves, None for others.

    Whether rules elsewhere that they lead to name it is not looked up.
    """
    try:
        terms = spf.parse(rules)
    except spf.PermanentError:
        return None
    named = {f'{each.kind}:{each.target}{each.prefix}'.lower() for each in terms
             if each.result == spf.PASS}  # fmt: skip
    rule = next((each for each in site.sender_rules if each.lower() not in named), '')
    if not rule:
        return None
    if any(each.kind in ('include', 'redirect') for each in terms):
        return Verdict(State.UNKNOWN, 'spf-relay-unknown', {'rule': rule})
    return Verdict(State.LOOK, 'spf-relay', {'rule': rule})


def _allowed(site: Site, seen: Seen) -> Verdict:
    """The verdict on rules without a fault."""
    if not site.sends_directly:
        return Verdict(State.WORKS, 'spf-relays')
    if set(seen.spf.values()) == {spf.PASS}:
        return Verdict(State.WORKS, 'spf-other')
    return Verdict(State.UNKNOWN, 'spf-unknown')


def judge(rules: str, site: Site, seen: Seen) -> Verdict:
    """The verdict on the one record of a domain."""
    if found := _fault(site, seen):
        return found
    if spf.PASS in seen.spf_strangers.values():
        return Verdict(State.LOOK, 'spf-open')
    return _without_relay(site, rules) or _allowed(site, seen)
