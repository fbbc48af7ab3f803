# SPDX-License-Identifier: AGPL-3.0-or-later
"""Findings about mail apps: ports that are shut outside, and settings they do not find."""

from collections.abc import Iterable, Iterator

from ..dns import setups
from ..dns.report import DnsReport
from ..status import State, Verdict
from ..words import dns
from .finding import Finding, Remedy
from .observation import Records

_PORTS_SHUT = 'ports-shut'
_BY_CERTIFICATE = frozenset({'setup-untrusted', 'setup-warns'})
"""Verdicts that a certificate of the mail host would change, which has a finding of its own."""
_FAULTS = frozenset({'setup-other', 'setup-shut', *_BY_CERTIFICATE})
_OURS = frozenset({'setup-missing', 'setup-bare', 'setup-no-json'})
"""Faults of this box where another box asked; else another web server may have answered."""
_SENTENCES = frozenset({_PORTS_SHUT, 'setup-warns'})
"""Verdicts with a sentence of their own as a problem."""


def _is_problem(verdict: Verdict, *, trusted: bool) -> bool:
    """Whether a verdict on automatic setup is for the list of problems."""
    if verdict.code in _BY_CERTIFICATE and not trusted:
        return False
    is_seen = verdict.code in _OURS and verdict.params.get(setups.OUTSIDE) == 'yes'
    return is_seen or verdict.code in _FAULTS


def worst(report: DnsReport, *, trusted: bool) -> Verdict | None:
    """The first verdict that is for the list of problems.

    No settings at all is none: records for them are optional.
    """
    ports = report.verdicts.get('ports')
    if ports and ports.code == _PORTS_SHUT:
        return ports
    found = (report.verdicts.get(role) for role in ('thunderbird', 'outlook'))
    return next((each for each in found if each and _is_problem(each, trusted=trusted)), None)


def findings(records: Iterable[Records]) -> Iterator[Finding]:
    """One for each domain with such a verdict."""
    for each in records:
        if each.apps:
            yield _finding(each, each.apps)


def _finding(records: Records, verdict: Verdict) -> Finding:
    code = f'apps.{verdict.code}' if verdict.code in _SENTENCES else 'apps'
    params = {'domain': records.domain, 'sentence': dns.said(verdict)}
    show = Remedy('dns-records', page='email:dns', about=records.domain)
    again = Remedy('check-again', repair='check', about=records.domain)
    ways = (Remedy('router', page='networks:index'),) if verdict.code == _PORTS_SHUT else (show,)
    return Finding(
        Verdict(State.LOOK, code, params), records.domain, (*ways, again), seen=records.checked
    )
