# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wanted records as other programs take them: a zone file, and lines for nsupdate."""

from collections.abc import Iterable

from .changes import ZoneChange
from .records import TTL, Record


def _line(record: Record) -> str:
    return f'{record.name}. {TTL} IN {record.kind} {record.text}'


def bind(records: Iterable[Record], zone: str) -> str:
    """The records of a zone as a file in the form BIND and most providers read."""
    records = tuple(records)
    inside = [record for record in records if record.is_in(zone) and record.value]
    elsewhere = [record for record in records if not record.is_in(zone) and record.value]
    missing = [record for record in records if not record.value]
    lines = [f'; Mail records of {zone}', f'$ORIGIN {zone}.', *map(_line, inside)]
    if missing:
        lines += ['', '; Fill in the public address of your internet connection:']
        lines += [f'; {record.name}. {TTL} IN {record.kind} ...' for record in missing]
    if elsewhere:
        lines += ['', '; These stand in another zone:', *(f'; {_line(each)}' for each in elsewhere)]
    return '\n'.join([*lines, ''])


def nsupdate(changes: Iterable[ZoneChange], zone: str) -> str:
    """Changes as lines for the program nsupdate."""
    lines = [f'zone {zone}.']
    for change in changes:
        lines += [f'update delete {change.name}. {change.kind} {text}' for text in change.removed]
        lines += [f'update add {change.name}. {TTL} {change.kind} {text}' for text in change.added]
    return '\n'.join([*lines, 'send', ''])
