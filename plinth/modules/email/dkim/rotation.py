# SPDX-License-Identifier: AGPL-3.0-or-later
"""How one pair of signing keys of a domain follows another.

A `Rotation` is everything known about a domain's keys at a moment. The functions return the
next one; they read no clock and no file, so a whole rotation can be tried in no time.

A pair is *next* from the moment it is made: its records are wanted, but nothing is signed
with it. It becomes *live* when all name servers of the zone have had its records for longer
than any cache may remember that they were not there. The pair before is *old* from then on: it
signs nothing, but its records stay until no mail signed with it can be waiting any more. Then
it is *gone*: its records can be deleted, and when no server has them they are forgotten.

Time is counted in steps from look to look, and a long step counts only in part: while a box
is switched off mail waits in its queue, and a clock that jumps must not cost a record.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from ..config.facts import check_name
from ..dns.records import Key
from ..system.json_value import JsonValue

FORMAT = 1
LEAD = timedelta(days=30)
"""How long before its turn a pair is made: the administrator needs time to enter its records."""
LEAST_WAIT = timedelta(hours=1)
MOST_WAIT = timedelta(days=7)
"""Resolvers remember no answer for longer, whatever its time to live says."""
GAP = timedelta(days=2)
"""Records not looked at for so long count as new."""
SEEN_STEP = timedelta(hours=2)
HOLD_STEP = timedelta(days=1)
MARGIN = timedelta(days=2)
"""Added to the time mail may wait here: others pass mail on and look again some time later."""
_NAME = re.compile(r'(\d{4}-\d{2})(?:-(\d{1,4}))?')
_NOTHING = timedelta()


def number_of(name: str) -> tuple[str, int]:
    """Month and number of a pair by its name; names of other apps come first."""
    found = _NAME.fullmatch(name)
    return (found[1], int(found[2] or 1)) if found else ('', 0)


def name_of(selector: str) -> str:
    """The name of the pair a selector belongs to."""
    return selector.removesuffix('-rsa').removesuffix('-ed25519')


def following(latest: str, now: datetime) -> str:
    """The name for a new pair: its month, and a number should there be another."""
    month, (last_month, number) = f'{now:%Y-%m}', number_of(latest)
    if month > last_month:
        return month
    return f'{last_month}-{number + 1}'


def _aware(*moments: datetime | None) -> None:
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise ValueError('A moment needs its time zone.')


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


@dataclass(frozen=True)
class Pair:
    """Keys that were made together and sign together: RSA for all, Ed25519 beside it."""

    name: str
    keys: tuple[Key, ...]

    def __post_init__(self) -> None:
        """Refuse a pair that could sign nothing."""
        if not self.keys:
            raise ValueError('A pair has at least one key.')

    @property
    def selectors(self) -> tuple[str, ...]:
        """The names under which its keys stand in DNS."""
        return tuple(key.selector for key in self.keys)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        keys = [{'selector': each.selector, 'kind': each.kind, 'public': each.public}
                for each in self.keys]  # fmt: skip
        return {'name': self.name, 'keys': keys}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The value `to_json` was made of."""
        keys = tuple(Key(each['selector'], each['public'], each['kind']) for each in data['keys'])
        return cls(str(data['name']), keys)


@dataclass(frozen=True)
class Waiting:
    """The pair that signs next.

    `since` its records are at every name server, `held` how much of that counts, `last` the
    latest look that found them there, `ttl` how long others remember what they were told,
    `lacking` the servers that did not have them at the latest look.
    """

    pair: Pair
    made: datetime
    since: datetime | None = None
    last: datetime | None = None
    held: timedelta = _NOTHING
    ttl: int = 0
    lacking: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse times that could be read in two ways."""
        _aware(self.made, self.since, self.last)

    @property
    def wait(self) -> timedelta:
        """How long the records must have been everywhere."""
        return min(max(timedelta(seconds=self.ttl), LEAST_WAIT), MOST_WAIT)

    @property
    def is_safe(self) -> bool:
        """Whether no cache can hold that the records are missing."""
        return self.since is not None and self.held > self.wait

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {'pair': self.pair.to_json(), 'made': _text(self.made), 'since': _text(self.since),
                'last': _text(self.last), 'held': self.held.total_seconds(), 'ttl': self.ttl,
                'lacking': list(self.lacking)}  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The value `to_json` was made of."""
        return cls(
            Pair.from_json(data['pair']), datetime.fromisoformat(data['made']),
            _moment(data['since']), _moment(data['last']), timedelta(seconds=data['held']),
            int(data['ttl']), tuple(map(str, data['lacking'])),
        )  # fmt: skip


@dataclass(frozen=True)
class Retired:
    """A pair that signs no more.

    `since` that is certain, None as long as the scanner may still use it; `last` the latest
    look at the clock, `held` how much time counts.
    """

    pair: Pair
    since: datetime | None = None
    last: datetime | None = None
    held: timedelta = _NOTHING

    def __post_init__(self) -> None:
        """Refuse times that could be read in two ways."""
        _aware(self.since, self.last)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {'pair': self.pair.to_json(), 'since': _text(self.since),
                'last': _text(self.last), 'held': self.held.total_seconds()}  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The value `to_json` was made of."""
        held = timedelta(seconds=data['held'])
        return cls(
            Pair.from_json(data['pair']), _moment(data['since']), _moment(data['last']), held
        )


@dataclass(frozen=True)
class Terms(JsonValue):
    """The terms of a rotation: times that do not depend on its keys.

    `interval` is how long a pair signs, `queue` how long mail may wait in our queue.
    """

    interval: timedelta
    queue: timedelta

    @property
    def hold(self) -> timedelta:
        """How long records stay after their keys signed for the last time."""
        return self.queue + MARGIN


@dataclass(frozen=True)
class Rotation:
    """All signing keys of a domain.

    `since` the live pair signs, `asked` whether the next one shall take over before its time,
    `latest` the name given last, so that none is ever given twice.
    """

    domain: str
    live: Pair
    since: datetime
    next: Waiting | None = None
    old: tuple[Retired, ...] = ()
    gone: tuple[Pair, ...] = ()
    asked: bool = False
    latest: str = ''

    def __post_init__(self) -> None:
        """Refuse two keys of one name, which would be one record."""
        check_name(self.domain)
        _aware(self.since)
        names = [selector for pair in self.pairs() for selector in pair.selectors]
        if len(names) != len(set(names)):
            raise ValueError('Two keys of one name.')

    def pairs(self) -> Iterator[Pair]:
        """All pairs, those too whose records can be deleted."""
        yield self.live
        if self.next:
            yield self.next.pair
        yield from (each.pair for each in self.old)
        yield from self.gone

    def published(self) -> Iterator[Key]:
        """The keys whose records must be published, with their stages."""
        yield from self.live.keys
        if self.next:
            yield from (replace(key, stage='next') for key in self.next.pair.keys)
        for each in self.old:
            yield from (replace(key, stage='old') for key in each.pair.keys)

    def given_up(self) -> tuple[Key, ...]:
        """The keys whose records can be deleted."""
        return tuple(key for pair in self.gone for key in pair.keys)

    @property
    def is_busy(self) -> bool:
        """Whether there is something to look after from hour to hour."""
        return bool(self.next or self.old or self.gone or self.asked)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            'format': FORMAT,
            'domain': self.domain,
            'live': self.live.to_json(),
            'since': _text(self.since),
            'next': self.next.to_json() if self.next else None,
            'old': [each.to_json() for each in self.old],
            'gone': [each.to_json() for each in self.gone],
            'asked': self.asked,
            'latest': self.latest,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The report `to_json` was made of; ValueError for anything else."""
        try:
            if data['format'] != FORMAT:
                raise ValueError('keys of another version of this app')
            return cls(
                str(data['domain']), Pair.from_json(data['live']),
                datetime.fromisoformat(data['since']),
                Waiting.from_json(data['next']) if data['next'] else None,
                tuple(map(Retired.from_json, data['old'])),
                tuple(map(Pair.from_json, data['gone'])),
                bool(data['asked']), str(data['latest']),
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f'not the keys of a domain: {error}') from error


def begin(domain: str, live: Pair, since: datetime, others: Collection[Pair] = ()) -> Rotation:
    """The start: some keys sign, and the others found beside them may have done so."""
    latest = max((pair.name for pair in (live, *others)), key=number_of)
    return Rotation(domain, live, since, old=tuple(map(Retired, others)), latest=latest)


def due(rotation: Rotation, terms: Terms) -> datetime:
    """The moment when the next pair shall take over."""
    return rotation.since if rotation.asked else rotation.since + terms.interval


def needs_next(rotation: Rotation, terms: Terms, now: datetime) -> bool:
    """Whether it is time to make a pair."""
    return rotation.next is None and now >= due(rotation, terms) - LEAD


def with_next(rotation: Rotation, pair: Pair, now: datetime) -> Rotation:
    """Add the pair that signs next."""
    if rotation.next is not None:
        raise ValueError('There is a next pair already.')
    return replace(rotation, next=Waiting(pair, now), latest=pair.name)


def without_next(rotation: Rotation) -> Rotation:
    """Give up a pair that cannot sign."""
    return replace(rotation, next=None)


def seen(
    rotation: Rotation, everywhere: bool, lacking: Collection[str], ttl: int, now: datetime
) -> Rotation:
    """Note a look at the records of the next pair; `lacking` are the servers without them.

    Time starts anew unless they are everywhere, also when a server merely said nothing: it may
    have lost them meanwhile, and others may have asked it.
    """
    if rotation.next is None:
        return rotation
    waiting = replace(rotation.next, lacking=tuple(sorted(lacking)))
    if everywhere:
        waiting = _longer(waiting, ttl, now)
    else:
        waiting = replace(waiting, since=None, last=None, held=_NOTHING, ttl=0)
    return replace(rotation, next=waiting)


def _longer(waiting: Waiting, ttl: int, now: datetime) -> Waiting:
    """Note that the records are everywhere, still or from now on."""
    known = waiting.since is not None and waiting.last is not None
    if not known or not _NOTHING <= now - waiting.last <= GAP:  # type: ignore[operator]
        return replace(waiting, since=now, last=now, held=_NOTHING, ttl=ttl)
    step = min(now - waiting.last, SEEN_STEP)  # type: ignore[operator]
    return replace(waiting, last=now, held=waiting.held + step, ttl=max(ttl, waiting.ttl))


def can_switch(rotation: Rotation, terms: Terms, now: datetime) -> bool:
    """Whether the next pair may sign now: only right after a look that found it."""
    waiting = rotation.next
    if waiting is None or waiting.last != now or not waiting.is_safe:
        return False
    return now >= due(rotation, terms)


def switched(rotation: Rotation, now: datetime) -> Rotation:
    """Let the next pair sign. The one before counts as signing until that is certain."""
    if rotation.next is None:
        raise ValueError('There is no next pair.')
    old = (*rotation.old, Retired(rotation.live))
    return replace(rotation, live=rotation.next.pair, since=now, next=None, old=old, asked=False)


def confirmed(rotation: Rotation, signing: Collection[str], now: datetime) -> Rotation:
    """Let time pass for the pairs that sign no more; `signing` are the selectors in use.

    A pair that was put back in use starts anew.
    """
    return replace(rotation, old=tuple(_aged(each, signing, now) for each in rotation.old))


def _aged(each: Retired, signing: Collection[str], now: datetime) -> Retired:
    if set(each.pair.selectors) & set(signing):
        return Retired(each.pair)
    if each.since is None or each.last is None:
        return Retired(each.pair, now, now)
    step = min(max(now - each.last, _NOTHING), HOLD_STEP)
    return replace(each, last=now, held=each.held + step)


def withdrawn(rotation: Rotation, terms: Terms) -> Rotation:
    """Give up the pairs no mail on its way can be signed with."""
    over = tuple(each for each in rotation.old if each.since and each.held > terms.hold)
    old = tuple(each for each in rotation.old if each not in over)
    return replace(rotation, old=old, gone=(*rotation.gone, *(each.pair for each in over)))


def forgotten(rotation: Rotation, absent: Collection[str]) -> Rotation:
    """Forget pairs that were given up and whose records are at no server any more."""
    gone = tuple(pair for pair in rotation.gone if not set(pair.selectors) <= set(absent))
    return replace(rotation, gone=gone)


def with_old(rotation: Rotation, pairs: Collection[Pair]) -> Rotation:
    """Add pairs that were found and may have signed."""
    if not pairs:
        return rotation
    found = {selector for pair in pairs for selector in pair.selectors}
    gone = tuple(pair for pair in rotation.gone if not set(pair.selectors) & found)
    old = (*rotation.old, *map(Retired, pairs))
    latest = max((rotation.latest, *(pair.name for pair in pairs)), key=number_of)
    return replace(rotation, old=old, gone=gone, latest=latest)
