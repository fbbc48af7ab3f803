# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is to be said about the signature keys of a domain, in plain words."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..dns.records import Key
from .rotation import Retired, Rotation, Terms, Waiting, due

SENTENCES: dict[str, str | Promise] = {
    'signs': _('All mail is signed with it, since {since}. The next key takes over around {due}.'),
    'lost': _('It should sign all mail, but its private key is lost, so it does not. Restore a '
              'backup, or have the keys changed now.'),
    'signs-for-good': _('All mail is signed with it, since {since}.'),
    'next-lacking': _('It signs nothing yet. It waits for its records to be at all name servers; '
                      '{servers} did not have them yet.'),
    'next-unseen': _('It signs nothing yet. It waits for its records to be at all name servers.'),
    'next-settling': _('It signs nothing yet. All name servers have had its records since {since}; '
                       'it takes over when everybody can know, in about {time}.'),
    'next-ready': _('It signs nothing yet, but everything is ready. It takes over around {due}.'),
    'old-in-use': _('Its time is over. The change to the new key is under way.'),
    'old': _('It has signed nothing since {since}, but mail signed with it may still be on its '
             'way. Leave its records there for about {time}.'),
    'gone': _('Nothing needs it any more. Its records can be deleted.'),
    'gone-by-itself': _('Nothing needs it any more. Its records are being deleted.'),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One pair of keys and what is to be said about it."""

    stage: str
    name: str
    keys: tuple[Key, ...]
    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Return what is to be said."""
        return str(SENTENCES[self.code]).format(**self.params)

    @property
    def selectors(self) -> tuple[str, ...]:
        """Return the names of the keys in DNS."""
        return tuple(key.selector for key in self.keys)


def terms(data: Mapping[str, Any]) -> Terms:
    """Return what root said a rotation depends on."""
    return Terms(timedelta(seconds=data['interval']), timedelta(seconds=data['queue']))


def _day(moment: datetime) -> str:
    return f'{moment:%Y-%m-%d}'


def _long(time: timedelta) -> str:
    """Return a length of time, never less than an hour: that is how often the box looks."""
    hours = max(1, math.ceil(time / timedelta(hours=1)))
    if hours < 48:
        return str(_('{count} h').format(count=hours))
    return str(_('{count} days').format(count=math.ceil(hours / 24)))


def _next(waiting: Waiting, turn: datetime, asked: bool) -> tuple[str, dict[str, str]]:
    if waiting.since is None and waiting.lacking:
        return 'next-lacking', {'servers': ', '.join(waiting.lacking)}
    if waiting.since is None or waiting.last is None:
        return 'next-unseen', {}
    if waiting.is_safe and not asked:
        return 'next-ready', {'due': _day(max(turn, waiting.last))}
    left = waiting.wait - waiting.held
    return 'next-settling', {'since': f'{waiting.since:%Y-%m-%d %H:%M} UTC', 'time': _long(left)}


def _old(retired: Retired, hold: timedelta) -> tuple[str, dict[str, str]]:
    if retired.since is None:
        return 'old-in-use', {}
    return 'old', {'since': _day(retired.since), 'time': _long(hold - retired.held)}


def _all(known: Rotation, its: Terms, publishes: bool, rotates: bool, lost: bool) -> Iterator[Row]:
    turn, live = due(known, its), known.live
    params = {'since': _day(known.since), 'due': _day(turn)}
    ends = rotates and not known.next and not known.asked
    code = 'lost' if lost else 'signs' if ends else 'signs-for-good'
    yield Row('live', live.name, live.keys, code, params)
    if known.next:
        pair = known.next.pair
        yield Row('next', pair.name, pair.keys, *_next(known.next, turn, known.asked))
    for each in known.old:
        yield Row('old', each.pair.name, each.pair.keys, *_old(each, its.hold))
    for gone in known.gone:
        yield Row('gone', gone.name, gone.keys, 'gone-by-itself' if publishes else 'gone')


def rows(
    known: Rotation, its: Terms, publishes: bool, rotates: bool, lost: bool = False
) -> tuple[Row, ...]:
    """All pairs of a domain with what is to be said about each; `lost` if a live key is gone."""
    return tuple(_all(known, its, publishes, rotates, lost))
