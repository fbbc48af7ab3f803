# SPDX-License-Identifier: AGPL-3.0-or-later
"""The signing keys of a domain, described in plain words."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..dkim.rotation import Retired, Rotation, Terms, Waiting, due
from ..dns.records import Key

SENTENCES: dict[str, str | Promise] = {
    'signs': _('In use since {since}. Will be replaced around {due}.'),
    'lost': _('The private key is lost, so outgoing mail is not signed. Restore a backup, or '
              'replace the keys now.'),
    'signs-for-good': _('In use since {since}.'),
    'next-lacking': _('Not used yet: waiting for the records to appear on all name servers. '
                      'Missing on {servers}.'),
    'next-unseen': _('Not used yet: waiting for the records to appear on all name servers.'),
    'next-settling': _('Not used yet. All name servers have had the records since {since}. The key '
                       'will be used in about {time}.'),
    'next-ready': _('Ready. Will be used around {due}.'),
    'old-in-use': _('Being replaced.'),
    'old': _('Not used since {since}, but messages signed with it may still be on their way. Keep '
             'the records for about {time}.'),
    'gone': _('No longer needed. You can delete its records.'),
    'gone-by-itself': _('No longer needed. Its records are being deleted.'),
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
    return str(date_format(moment.astimezone()))


def _long(time: timedelta) -> str:
    """Return a length of time, never less than an hour: that is how often the box looks."""
    hours = max(1, math.ceil(time / timedelta(hours=1)))
    if hours < 48:
        return str(ngettext('{count} hour', '{count} hours', hours)).format(count=hours)
    days = math.ceil(hours / 24)
    return str(ngettext('{count} day', '{count} days', days)).format(count=days)


def _next(waiting: Waiting, turn: datetime, asked: bool) -> tuple[str, dict[str, str]]:
    if waiting.since is None and waiting.lacking:
        return 'next-lacking', {'servers': ', '.join(waiting.lacking)}
    if waiting.since is None or waiting.last is None:
        return 'next-unseen', {}
    if waiting.is_safe and not asked:
        return 'next-ready', {'due': _day(max(turn, waiting.last))}
    left = waiting.wait - waiting.held
    since = date_format(waiting.since.astimezone(), 'DATETIME_FORMAT')
    return 'next-settling', {'since': since, 'time': _long(left)}


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
