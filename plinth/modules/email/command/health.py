# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verb `freedombox-email check`."""

import argparse
from datetime import UTC, datetime
from typing import Any

from ..health import observe_as_root, since
from ..health.check_list import GROUP_OF, checks
from ..health.health_check import HealthCheck
from ..status import State
from .output import Exit, Output, table
from .parser import Verbs

_ORDER = list(State)
_EXITS = {State.BROKEN: Exit.FAILED, State.UNKNOWN: Exit.UNKNOWN, State.LOOK: Exit.WARNING}


def register(verbs: Verbs) -> None:
    """Add the verb to the parser."""
    verbs.add('check', check, 'check the mail system')


def _data(each: HealthCheck) -> dict[str, Any]:
    """A check as data."""
    return {
        'check': each.key,
        'group': GROUP_OF[each.name],
        'state': each.state.value,
        'title': str(each.title),
        'sentence': str(each.sentence),
        'advice': ' '.join(str(found.advice) for found in each.findings),
        'problems': [found.code for found in each.findings],
        'since': each.since.isoformat() if each.since else None,
        'seen': each.seen.isoformat() if each.seen else None,
    }


def check(_arguments: argparse.Namespace) -> Output:
    """Every check with its verdict, the worst first."""
    now, seen = datetime.now(UTC), observe_as_root.look(observe_as_root.missing())
    found = sorted(since.dated(checks(seen, now), now), key=lambda each: _ORDER.index(each.state))
    state = found[0].state if found else State.UNKNOWN
    rows = [(str(each.state.word), str(each.title), str(each.sentence)) for each in found]
    lines = table(rows) if rows else ['Email is turned off, so nothing is checked.']
    data = {'state': state.value, 'checks': list(map(_data, found))}
    return Output(lines, data, _EXITS.get(state, Exit.OK))
