# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks of the box made by the daily DNS check: block lists, clock, resolver, names, ports.

They are the same for all domains, so the worst verdict counts. A problem is among those of the
domain's records on the overview, and is not counted twice.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from ..status import State, Verdict
from ..words import dns
from .check_facts import UNCHECKED, CheckFacts
from .finding import Finding, Remedy
from .observation import Observation, Records

ROLES = ('lists', 'reverse', 'ports', 'clock', 'validation', 'thunderbird')
"""Roles of verdicts that are kept of a report."""
_PAGES = {
    'validation': Remedy('name-services', page='names:index'),
    'clock': Remedy('date-time', page='datetime:index'),
}
"""Pages that solve a problem, where that is not the domain's DNS page."""
_ORDER = list(State)
_OFF = 'validation-off'
"""A verdict that is fine for a domain, but a warning for the box."""


def _state(verdict: Verdict) -> State:
    return State.LOOK if verdict.code == _OFF else verdict.state


def _worst(seen: Observation, role: str) -> tuple[Records, Verdict] | None:
    """The worst verdict of all domains, and the check it is of."""
    found = [(each, each.verdicts[role]) for each in seen.records or () if role in each.verdicts]
    return min(found, key=lambda pair: _ORDER.index(_state(pair[1])), default=None)


def look(role: str) -> Callable[[Observation, datetime], Iterator[Finding]]:
    """The look for a verdict that is not fine."""

    def findings(seen: Observation, _now: datetime) -> Iterator[Finding]:
        found = _worst(seen, role)
        if found is None or _state(found[1]) is State.WORKS:
            return
        records, verdict = found
        params = {'sentence': dns.said(verdict), 'domain': records.domain}
        dns_page = Remedy('dns-records', page='email:dns', about=records.domain)
        told = Verdict(_state(verdict), 'reported', params)
        yield Finding(told, remedies=(_PAGES.get(role, dns_page),), seen=records.checked)

    return findings


def facts(role: str) -> Callable[[Observation, str], CheckFacts]:
    """The sentence of a verdict that is fine."""

    def known(seen: Observation, _about: str) -> CheckFacts:
        found = _worst(seen, role)
        if found is None:
            return CheckFacts(unseen=UNCHECKED)
        return CheckFacts({'sentence': dns.said(found[1])}, found[0].checked)

    return known
