# SPDX-License-Identifier: AGPL-3.0-or-later
"""The values of a zone as hosters list them: sets by name and kind (RRsets), and changes of these.

Nothing is asked here. Names are whole, without the dot at the end; values are as zone files spell
them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import dns.exception
import dns.rdata
import dns.rdatatype

from .answer import Question, Status
from .ask import spell
from .changes import Values, ZoneChange

Sets = Mapping[tuple[str, str], list[str]]


class ValueSet(NamedTuple):
    """A set as it will be."""

    name: str
    kind: str
    values: list[str]


def label_of(name: str, zone: str, apex: str) -> str:
    """A name without its zone; `apex` stands for the zone itself."""
    return apex if name == zone else name.removesuffix(f'.{zone}')


def name_of(label: str, zone: str, apex: str) -> str:
    """The whole name of a label."""
    return zone if label == apex else f'{label}.{zone}'


def spelled(kind: str, text: str) -> str:
    """A value as we compare it; one that is not read stays as it is."""
    try:
        return spell(dns.rdata.from_text('IN', dns.rdatatype.from_text(kind), text))
    except dns.exception.DNSException:
        return text


def answers(sets: Sets, questions: Iterable[Question]) -> dict[Question, tuple[Status, Values]]:
    """The answers of a zone with these sets."""
    names = {name for name, _kind in sets}
    found = {}
    for question in questions:
        texts = sets.get((question.name, question.kind), ())
        values = tuple(sorted(spelled(question.kind, text) for text in texts))
        empty = Status.EMPTY if question.name in names else Status.NONE
        found[question] = (Status.FOUND if values else empty, values)
    return found


def after(sets: Sets, changes: Iterable[ZoneChange]) -> Iterator[ValueSet]:
    """The sets that change, as they will be; one without values is removed."""
    for change in changes:
        doomed = {spelled(change.kind, text) for text in change.removed}
        present = sets.get((change.name, change.kind), [])
        kept = [text for text in present if spelled(change.kind, text) not in doomed]
        values = [*kept, *(text for text in change.added if text not in kept)]
        yield ValueSet(change.name, change.kind, values)
