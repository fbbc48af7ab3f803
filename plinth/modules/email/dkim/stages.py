# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stages of a domain's pairs of signing keys, for pages and the command."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..dns.records import Key
from ..errors import Reason
from ..system.json_value import JsonValue
from ..words.dkim import Value, sentence
from .rotation import Retired, Rotation, Terms, Waiting, due


@dataclass(frozen=True)
class KeyStage:
    """A pair of keys: where it stands in the rotation, and a code with values for its sentence."""

    stage: str
    name: str
    keys: tuple[Key, ...]
    code: str
    params: Mapping[str, Value] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The sentence for it, in the language of the reader."""
        return sentence(self.code, self.params)

    @property
    def selectors(self) -> tuple[str, ...]:
        """The names of the keys in DNS."""
        return tuple(key.selector for key in self.keys)


def _next(waiting: Waiting, turn: datetime, asked: bool) -> tuple[str, dict[str, Value]]:
    if waiting.since is None and waiting.lacking:
        return 'next-lacking', {'servers': ', '.join(waiting.lacking)}
    if waiting.since is None or waiting.last is None:
        return 'next-unseen', {}
    if waiting.is_safe and not asked:
        return 'next-ready', {'due': max(turn, waiting.last)}
    left = waiting.wait - waiting.held
    return 'next-settling', {'since': waiting.since, 'time': left}


def _old(retired: Retired, hold: timedelta) -> tuple[str, dict[str, Value]]:
    if retired.since is None:
        return 'old-in-use', {}
    return 'old', {'since': retired.since, 'time': hold - retired.held}


def _all(
    known: Rotation, its: Terms, publishes: bool, rotates: bool, lost: bool
) -> Iterator[KeyStage]:
    turn, live = due(known, its), known.live
    params = {'since': known.since, 'due': turn}
    ends = rotates and not known.next and not known.asked
    code = 'lost' if lost else 'signs' if ends else 'signs-for-good'
    yield KeyStage('live', live.name, live.keys, code, params)
    if known.next:
        pair = known.next.pair
        yield KeyStage('next', pair.name, pair.keys, *_next(known.next, turn, known.asked))
    for each in known.old:
        yield KeyStage('old', each.pair.name, each.pair.keys, *_old(each, its.hold))
    for gone in known.gone:
        yield KeyStage('gone', gone.name, gone.keys, 'gone-by-itself' if publishes else 'gone')


def stages(
    known: Rotation, its: Terms, publishes: bool, rotates: bool, lost: bool = False
) -> tuple[KeyStage, ...]:
    """The stages of all pairs of a domain; `lost` if a live key is gone."""
    return tuple(_all(known, its, publishes, rotates, lost))


@dataclass(frozen=True)
class DomainKeys(JsonValue):
    """The signing keys of a domain, the terms of their rotation, and problems; nothing secret."""

    rotation: Rotation | None
    """None where there are none, or the file about them is damaged."""
    terms: Terms
    publishes: bool
    """Whether the box may write into the domain's zone."""
    rotates: bool
    """Whether keys of the domain follow each other."""
    lost: tuple[str, ...] = ()
    """Selectors that should sign, whose private keys are gone."""
    problems: tuple[Reason, ...] = ()

    @property
    def stages(self) -> tuple[KeyStage, ...]:
        """The stages of all pairs."""
        if self.rotation is None:
            return ()
        lost = bool(self.lost)
        return stages(self.rotation, self.terms, self.publishes, self.rotates, lost)
