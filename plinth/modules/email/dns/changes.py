# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes by which a zone holds the wanted records, and no more than that."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..system.json_value import JsonValue
from . import spf, tags
from .answer import Question, Status
from .records import Record, quoted

Values = tuple[str, ...]
Found = Mapping[Question, tuple[Status, Values]]
_SETTLED = frozenset({'spreading', 'address-unproven', 'spf-other', 'spf-relays', 'dmarc-stricter',
                      'dmarc-inherited', 'dmarc-reports-elsewhere', 'mx-more', 'caa-account',
                      'right', 'setup-right', 'setup-http', 'setup-missing', 'setup-untrusted',
                      'setup-unreachable', 'setup-unknown', 'setup-other', 'setup-shut',
                      'setup-bare', 'setup-no-json'})  # fmt: skip


@dataclass(frozen=True)
class ZoneChange(JsonValue):
    """Values to remove from and add to one name, as zone files spell them."""

    name: str
    kind: str
    removed: Values = ()
    added: Values = ()


def _ours(record: Record) -> Callable[[str], bool]:
    """The values at a record's name that are in its place.

    At the domain's own name other texts stand as well, which are none of our business.
    """
    versions = {'mta-sts': tags.MTA_STS, 'tls-rpt': tags.TLS_RPT, 'dmarc': tags.DMARC}
    if record.role == 'spf':
        return spf.is_meant
    if record.role in versions:
        return lambda value: tags.is_meant(value, versions[record.role])
    if record.role == 'caa':
        return lambda value: value.startswith('0 issue ')
    return lambda _value: True


def _spelled(kind: str, value: str) -> str:
    return quoted(value) if kind == 'TXT' else value


def questions(records: Iterable[Record]) -> set[Question]:
    """The questions to a zone before records can be put in it."""
    return {
        Question(record.name, kind)
        for record in records
        for kind in (record.kind, *_rivals(record.kind))
    }


def _rivals(kind: str) -> tuple[str, ...]:
    """The kinds of records a name cannot have beside this one.

    An alias stands alone; name servers leave out in silence what cannot stand beside it.
    """
    return ('A', 'AAAA', 'TXT') if kind == 'CNAME' else ('CNAME',)


def _clear(record: Record, found: Found) -> Iterator[ZoneChange]:
    """The changes that make room for a record."""
    for kind in _rivals(record.kind):
        _status, values = found.get(Question(record.name, kind), (Status.SILENT, ()))
        if values:
            removed = tuple(_spelled(kind, value) for value in values)
            yield ZoneChange(record.name, kind, removed)


def plan(
    records: Iterable[Record], settled: Mapping[str, str], found: Found, zone: str
) -> tuple[ZoneChange, ...]:
    """The changes that make a zone right.

    `settled` has the code of each record's verdict, `found` what the zone holds. A record
    that is right in its own way stays as it is. Nothing is planned where the zone could not
    be read, and nothing outside of it. Several records can share a name (TLSA).
    """
    room: dict[Question, ZoneChange] = {}
    changes: dict[Question, ZoneChange] = {}
    needed = [record for record in records if record.is_in(zone) and record.value]
    for record in needed:
        key = Question(record.name, record.kind)
        status, values = found.get(key, (Status.SILENT, ()))
        if not status.is_answer or settled.get(record.role) in _SETTLED:
            continue
        kept = {other.value for other in needed if Question(other.name, other.kind) == key}
        removed = [v for v in values if _ours(record)(v) and not _same(v, kept)]
        if _is_other_form(key, needed, settled, values):
            removed = []
        added = () if _same(record.value, values) else (record.text,)
        spelled = tuple(_spelled(record.kind, each) for each in removed)
        changes[key] = _joined(changes.get(key, ZoneChange(*key)), spelled, added)
        if added:
            room |= {Question(each.name, each.kind): each for each in _clear(record, found)}
    made = (*room.values(), *(each for key, each in changes.items() if key not in room))
    return tuple(change for change in made if change.removed or change.added)


def _is_other_form(
    place: Question, needed: Iterable[Record], settled: Mapping[str, str], values: Values
) -> bool:
    """Whether the published value of a right record may be another form of its value."""
    return any(
        settled.get(each.role) in _SETTLED and not _same(each.value, values)
        for each in needed
        if Question(each.name, each.kind) == place
    )


def _joined(change: ZoneChange, removed: Values, added: Values) -> ZoneChange:
    """A change that does more."""
    everything = tuple(dict.fromkeys((*change.removed, *removed)))
    return ZoneChange(change.name, change.kind, everything, (*change.added, *added))


def _same(value: str, others: Iterable[str]) -> bool:
    """Whether a value is among others; case and spaces in names mean nothing."""
    return ' '.join(value.lower().split()) in {' '.join(each.lower().split()) for each in others}
