# SPDX-License-Identifier: AGPL-3.0-or-later
"""The state of each check over time: since when it is so, and whether people were told.

A state counts once two looks in a row saw it, so nothing flaps: a service that restarts between
two looks is no news. `freedombox-email-health.service` looks and keeps what it saw in a file that
the web interface can read. The file can be thrown away; it is no part of a backup, for another
box has other states.
"""

import json
import pathlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..status import State
from ..system.json_value import JsonValue
from ..words.text import Sentence
from .health_check import HealthCheck

PATH = pathlib.Path('/var/lib/freedombox-email/health.json')
FRESH = timedelta(minutes=30)
"""How long a look says something about now."""
REMEMBERED = timedelta(days=1)
"""How long the web interface says that a problem is solved."""
_ORDER = list(State)
_BAD = frozenset({State.BROKEN, State.LOOK})
_DECIDING = 'drift-deciding'
"""Settings were changed, and what follows from that is unknown: that is news."""


@dataclass(frozen=True)
class Standing(JsonValue):
    """The state of a check as two looks saw it, and what people were told of it."""

    check: str
    kind: str
    state: State
    since: datetime
    title: Sentence
    sentence: Sentence
    advice: tuple[Sentence, ...] = ()
    seen: State = State.UNKNOWN
    """The state at the last look."""
    seen_since: datetime | None = None
    stops_mail: bool = False
    told: State = State.WORKS
    """The state people were told last."""
    told_outside: State = State.WORKS
    """The state the address outside was told last."""
    told_at: datetime | None = None
    """The time when people were told of the problem; None for one that was there before."""
    solved: datetime | None = None
    """The time when a problem that was told was over."""

    @property
    def is_bad(self) -> bool:
        """Whether it is a problem."""
        return self.state in _BAD

    @property
    def is_unsure(self) -> bool:
        """Whether the last look saw another state, which another look must confirm."""
        return self.seen is not self.state

    def is_news(self, told: State) -> bool:
        """Whether this is worse than what was told, or well again. Unknown is no news."""
        if self.state is State.WORKS:
            return told in _BAD
        return self.is_bad and (told not in _BAD or _ORDER.index(self.state) < _ORDER.index(told))


@dataclass(frozen=True)
class Standings(JsonValue):
    """All checks at the last look."""

    looked: datetime
    domain: str
    """The primary domain, for messages while the directory does not answer."""
    checks: tuple[Standing, ...] = ()

    def find(self, key: str) -> Standing | None:
        """The standing of a check."""
        return next((each for each in self.checks if each.check == key), None)


def state_of(check: HealthCheck) -> State:
    """The state of a check as people are told of it: one that decides about mail is a warning."""
    is_changed = any(each.code.startswith(_DECIDING) for each in check.findings)
    return State.LOOK if is_changed and check.state is State.UNKNOWN else check.state


def _stops_mail(check: HealthCheck) -> bool:
    return any(each.answer and each.answer.state is State.BROKEN for each in check.findings)


def _new(check: HealthCheck, now: datetime, is_told: bool) -> Standing:
    """A check that was not there before; `is_told` if its problem is no news."""
    seen = state_of(check)
    told = seen if is_told else State.WORKS
    return Standing(
        check.key, check.name, told, now,
        check.title, check.sentence,
        tuple(each.advice for each in check.findings), seen, now, _stops_mail(check),
        told, told,
    )  # fmt: skip


def _next(last: Standing, check: HealthCheck, now: datetime) -> Standing:
    """A standing after another look."""
    seen = state_of(check)
    is_same, counts = seen is last.seen, seen is last.state
    seen_since = last.seen_since if is_same else now
    if not is_same and not counts:  # the first look that sees it
        return replace(last, seen=seen, seen_since=now)
    solved = now if check.works and last.is_bad and last.told in _BAD else last.solved
    return replace(
        last,
        state=seen,
        since=last.since if counts else (seen_since or now),
        title=check.title,
        sentence=check.sentence,
        advice=tuple(each.advice for each in check.findings),
        seen=seen,
        seen_since=seen_since,
        stops_mail=_stops_mail(check),
        solved=None if seen in _BAD else solved,
    )


def _gone(last: Standing, now: datetime) -> Standing | None:
    """The standing of a problem that is not listed any more; None when it can be forgotten."""
    if last.seen is not State.WORKS:
        return replace(last, seen=State.WORKS, seen_since=now) if last.told in _BAD else None
    if last.state is not State.WORKS:
        solved = now if last.told in _BAD else None
        return replace(last, state=State.WORKS, since=now, solved=solved)
    is_over = last.told not in _BAD and last.told_outside not in _BAD
    return None if is_over and (last.solved is None or now - last.solved > REMEMBERED) else last


def follow(
    last: Standings | None,
    checks: Iterable[HealthCheck],
    now: datetime,
    subjects: Mapping[str, bool],
    domain: str,
) -> Standings:
    """The standings after a look.

    `subjects` says of each kind whether its checks are known beforehand, one for each domain for
    example: a new one is no news, and neither is one that is gone.
    """
    known = {each.check: each for each in last.checks} if last else {}
    found = []
    for check in checks:
        before = known.pop(check.key, None)
        is_told = last is None or subjects[check.name]
        found.append(_next(before, check, now) if before else _new(check, now, is_told))
    for each in known.values():
        if not subjects.get(each.kind, False) and (over := _gone(each, now)):
            found.append(over)
    return Standings(now, domain or (last.domain if last else ''), tuple(found))


def kept(path: pathlib.Path = PATH) -> Standings | None:
    """The standings of the last look; None when there was none."""
    try:
        return Standings.from_json(json.loads(path.read_text(encoding='utf-8')))
    except (OSError, ValueError):
        return None


def since(standings: Standings | None, check: HealthCheck, now: datetime) -> datetime | None:
    """The time since when a check is in its state; None when that is not known."""
    if standings is None or now - standings.looked > FRESH:
        return None
    found = standings.find(check.key)
    if found is None:
        return None
    state = state_of(check)
    if found.state is state:
        return found.since
    return found.seen_since if found.seen is state else now


def dated(checks: Iterable[HealthCheck], now: datetime) -> tuple[HealthCheck, ...]:
    """Checks with the times since when they are in their states."""
    standings = kept()
    return tuple(replace(each, since=since(standings, each, now)) for each in checks)
