# SPDX-License-Identifier: AGPL-3.0-or-later
"""Facts a check shows beside its findings: its subjects, values, and what was not seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..status import State
from ..words.parts import PARTS
from .observation import Observation, Records

UNCHECKED, UNTESTED = 'unchecked', 'untested'


@dataclass(frozen=True)
class CheckFacts:
    """Values in a check's sentences, the time of its look, and why it is unknown if it is."""

    params: Mapping[str, Any] = field(default_factory=dict)
    seen: datetime | None = None
    unseen: str = ''


NOTHING = CheckFacts()


def services(_seen: Observation) -> Iterable[str]:
    """Units of the services mail needs."""
    return [part.unit for part in PARTS]


def of_service(_seen: Observation, about: str) -> CheckFacts:
    """The name of a service, and its work."""
    part = next(each for each in PARTS if each.unit == about)
    return CheckFacts({'name': part.name, 'does': part.does})


def domains(seen: Observation) -> Iterable[str]:
    """Public domains that receive mail."""
    return [each.domain for each in seen.records or ()]


def certificates(seen: Observation) -> Iterable[str]:
    """Names with a certificate."""
    return [each.domain for each in seen.certificates or ()]


def _of(seen: Observation, about: str) -> Records | None:
    """The last check of a domain."""
    return next((each for each in seen.records or () if each.domain == about), None)


def of_records(seen: Observation, about: str) -> CheckFacts:
    """The time of the last check of a domain."""
    found = _of(seen, about)
    return CheckFacts(seen=found.checked if found else None)


def of_apps(seen: Observation, about: str) -> CheckFacts:
    """Whether mail apps were seen to find their settings."""
    found = _of(seen, about)
    verdict = found.verdicts.get('thunderbird') if found else None
    is_seen = bool(verdict and verdict.state is State.WORKS)
    return CheckFacts(seen=found.checked if found else None, unseen='' if is_seen else 'no-apps')


def of_incoming(seen: Observation, _about: str) -> CheckFacts:
    """The last message that came in."""
    received = seen.times.received if seen.times else None
    return CheckFacts(seen=received, unseen='' if received else UNTESTED)


def of_outgoing(seen: Observation, _about: str) -> CheckFacts:
    """The last check in which mail could leave."""
    for each in seen.records or ():
        if each.outgoing and each.outgoing.state is State.WORKS:
            return CheckFacts(seen=each.checked)
    return CheckFacts(unseen=UNCHECKED)


def of_room(seen: Observation, _about: str) -> CheckFacts:
    """The free room for mail."""
    return CheckFacts({'room': (seen.room_mb or 0) // 1000})


def of_memory(seen: Observation, _about: str) -> CheckFacts:
    """The free memory."""
    return CheckFacts({'free': seen.memory_mb or 0})
