# SPDX-License-Identifier: AGPL-3.0-or-later
"""Verdicts on another box's answer about our port 25.

The answer comes from outside and is read as hostile: only what has its exact form counts, and
what it says of another address than ours says nothing of us.
"""

import ipaddress
import json
from collections.abc import Sequence
from typing import Any

from ..status import State, Verdict
from .answer import PortFound, Reached, Seen
from .records import Site

SHUT = frozenset({'refused', 'timeout', 'unreachable'})
"""No connection."""
SILENT = 'silent'
"""A connection, but no line of text in time."""
UNABLE = frozenset({'not-outside', 'blind'})
"""Reasons of another box why it cannot tell."""
PROBLEMS = SHUT | UNABLE | {SILENT}
TESTED = frozenset({'reach-open', 'reach-shut', 'reach-partly', 'reach-other', 'reach-silent'})
"""Verdicts on what was really seen from outside."""
LONGEST_ANSWER = 4096
LONGEST_GREETING = 200
_ORDER = (State.BROKEN, State.LOOK, State.WORKS, State.UNKNOWN)


def printable(line: bytes) -> str:
    """The first line a server said as a page can show it."""
    text = line[:LONGEST_GREETING].decode('ascii', 'replace').rstrip('\r\n')
    return ''.join(each if each.isascii() and each.isprintable() else '?' for each in text)


def write(found: Reached) -> dict[str, Any]:
    """An answer as JSON can hold it."""
    return {'reached': not found.problem, 'address': found.address, 'greeting': found.greeting,
            'why': found.problem,
            'ports': [list(each) for each in found.ports]}  # fmt: skip


def read(text: str) -> Reached:
    """The answer in a text; one with the problem `garbage` when it is none."""
    try:
        data = json.loads(text) if len(text) <= LONGEST_ANSWER else None
        return _read(data) or Reached(problem='garbage')
    except (ValueError, TypeError, RecursionError):
        return Reached(problem='garbage')


def _read(data: object) -> Reached | None:
    """The answer in parsed JSON; ValueError or None when it is none."""
    if not isinstance(data, dict):
        return None
    reached, texts = data.get('reached'), [data.get(x) for x in ('address', 'why', 'greeting')]
    if not isinstance(reached, bool) or not all(isinstance(each, str) for each in texts):
        return None
    address, why, greeting = map(str, texts)
    if why not in ('', *PROBLEMS) or reached is bool(why):
        return None
    address, ports = str(ipaddress.ip_address(address)), _ports(data.get('ports', []))
    return Reached(address, why, printable(greeting.encode('ascii', 'replace')), ports)


def _ports(data: object) -> tuple[PortFound, ...]:
    """The ports in an answer; ValueError for anything else."""
    if not isinstance(data, list):
        raise TypeError('not a list')
    found = [PortFound(port, problem) for port, problem in data]
    for port, problem in found:
        if type(port) is not int or not 0 < port < 65536 or problem not in ('', *SHUT):
            raise ValueError('not a port')
    return tuple(found)


def is_greeting_of(host: str, greeting: str) -> bool:
    """Whether a mail server of this name greets (RFC 5321, 4.2)."""
    name = greeting[4:].partition(' ')[0]
    return greeting[:4] in ('220 ', '220-') and name.lower() == host


def judge(site: Site, seen: Seen) -> Verdict:
    """The verdict on port 25 as seen from outside; the worst address counts."""
    if site.domain != site.host:
        return Verdict(State.UNKNOWN, 'reach-at-host', {'host': site.host})
    if seen.reached is None:
        return Verdict(State.UNKNOWN, 'reach-untested')
    known = {*site.addresses, *seen.addresses(site.host)}
    verdicts = [_of(each, site.host, known) for each in seen.reached]
    worst = min(verdicts, key=lambda verdict: _ORDER.index(verdict.state))
    return _softened(worst, verdicts) if worst.code == 'reach-shut' else worst


def _of(found: Reached, host: str, known: set[str]) -> Verdict:
    """The verdict on the finding at one address."""
    where = {'address': found.address, 'host': host}
    if found.problem and found.problem not in SHUT | {SILENT}:
        return Verdict(State.UNKNOWN, f'reach-{found.problem}')
    if found.address not in known:
        return Verdict(State.UNKNOWN, 'reach-elsewhere', where)
    if found.problem:
        if found.problem in SHUT:
            return Verdict(State.BROKEN, 'reach-shut', where)
        return Verdict(State.LOOK, 'reach-silent', where)
    if is_greeting_of(host, found.greeting):
        return Verdict(State.WORKS, 'reach-open', where, (found.greeting,))
    return Verdict(State.BROKEN, 'reach-other', where, (found.greeting,))


def judge_ports(site: Site, seen: Seen) -> Verdict:
    """The verdict on the ports of mail apps as seen from outside."""
    if site.domain != site.host:
        return Verdict(State.UNKNOWN, 'reach-at-host', {'host': site.host})
    known = {*site.addresses, *seen.addresses(site.host)}
    found = [each for each in seen.reached or () if each.ports]
    ours = [each for each in found if each.address in known]
    if not ours:
        return _of(found[0], site.host, known) if found else _without_ports(seen)
    shut = {each.address: [str(port) for port, why in each.ports if why] for each in ours}
    address = next((each for each, ports in shut.items() if ports), '')
    if address:
        where = {'address': address, 'ports': ', '.join(shut[address])}
        return Verdict(State.LOOK, 'ports-shut', where)
    return Verdict(State.WORKS, 'ports-open', {'address': ours[0].address})


def _without_ports(seen: Seen) -> Verdict:
    """The verdict where another box did not look at ports."""
    problem = next((each.problem for each in seen.reached or () if each.problem), '')
    is_said = problem and problem not in SHUT | {SILENT}
    return Verdict(State.UNKNOWN, f'reach-{problem}' if is_said else 'reach-untested')


def _softened(shut: Verdict, verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a shut port 25, less grave when another address is open."""
    found = next((each for each in verdicts if each.state is State.WORKS), None)
    if found is None:
        return shut
    return Verdict(State.LOOK, 'reach-partly', {**shut.params, 'open': found.params['address']})
