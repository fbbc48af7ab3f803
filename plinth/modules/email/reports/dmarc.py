# SPDX-License-Identifier: AGPL-3.0-or-later
"""Aggregate reports on mail in the name of a domain (DMARC, RFC 7489 appendix C).

The XML is read as it streams by; no tree is built, so memory depends on what is kept, not on
what was sent. defusedxml refuses document types and entities.

DIAGNOSTICS
    report-garbage   no such report, or values in it that cannot be
    report-many      more elements, levels or sources than a report has
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..directory.address import parse_domain
from ..errors import MailError
from .head import MOST_MESSAGES, Head, clean, fields, moment
from .refusal import refuse

MOST_ELEMENTS = 200_000
MOST_ROWS = 1000
MOST_SIGNATURES = 20
DEEPEST = 12
LONGEST = 300
"""Characters of any value that are looked at."""
POLICIES = ('none', 'quarantine', 'reject')
_HEAD = frozenset({'org_name', 'report_id', 'begin', 'end', 'domain', 'p'})
_ROW = frozenset({'source_ip', 'count', 'spf', 'dkim', 'disposition', 'header_from'})


@dataclass(frozen=True)
class Row:
    """How mail from one address fared.

    `spf` and `dkim` say whether each held for our domain; `signed` whether there was a
    signature in our name at all, as there is when a message of ours was changed on its way.
    """

    source: str
    count: int
    spf: bool
    dkim: bool
    signed: bool = False
    disposition: str = 'none'

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        if str(ipaddress.ip_address(self.source)) != self.source:
            raise ValueError(f'Not in normal form: {self.source!r}')
        if not 0 < self.count <= MOST_MESSAGES or self.disposition not in POLICIES:
            raise ValueError(f'Not a row: {self}')

    @property
    def passes(self) -> bool:
        """Return whether the mail counts as ours for whoever received it."""
        return self.spf or self.dkim


@dataclass(frozen=True)
class Report(Head):
    """What one receiver saw of a domain's mail."""

    policy: str
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        super().__post_init__()
        if self.policy not in POLICIES or len(self.rows) > MOST_ROWS:
            raise ValueError('A report has a policy and a bounded number of rows.')

    @property
    def passing(self) -> int:
        """Return how many messages passed."""
        return sum(row.count for row in self.rows if row.passes)

    @property
    def failing(self) -> int:
        """Return how many messages did not pass."""
        return sum(row.count for row in self.rows if not row.passes)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            **super().to_json(),
            'policy': self.policy,
            'rows': [
                [each.source, each.count, each.spf, each.dkim, each.signed, each.disposition]
                for each in self.rows
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `to_json` was made of; ValueError when it is something else."""
        try:
            rows = tuple(
                Row(str(source), int(count), spf is True, dkim is True, signed is True, str(did))
                for source, count, spf, dkim, signed, did in data['rows']
            )
            return cls(**fields(data), policy=str(data['policy']), rows=rows)
        except (KeyError, TypeError, AttributeError, OverflowError, OSError, MailError) as error:
            raise ValueError(f'not a report: {error}') from error


class _Collector:
    """Takes the elements of a report as they come and keeps what matters of them."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.elements = 0
        self.text: list[str] = []
        self.length = 0
        self.head: dict[str, str] = {}
        self.row: dict[str, str] = {}
        self.signers: list[str] = []
        self.rows: dict[tuple[str, bool, bool, bool, str], int] = {}

    def start(self, tag: str, _attributes: Any) -> None:
        """Enter an element."""
        self.elements += 1
        if self.elements > MOST_ELEMENTS or len(self.path) >= DEEPEST:
            raise refuse('report-many', f'{self.elements} elements')
        self.path.append(tag.rpartition('}')[2].lower()[:LONGEST])
        self.text, self.length = [], 0
        if self.path[1:] == ['record']:
            self.row, self.signers = {}, []

    def data(self, text: str) -> None:
        """Take text of the element just entered."""
        if self.length < LONGEST:
            self.text.append(text[: LONGEST - self.length])
            self.length += len(text)

    def end(self, _tag: str) -> None:
        """Leave an element."""
        place, value = self.path[1:], ''.join(self.text).strip()
        self.path.pop()
        self.text, self.length = [], 0
        if place == ['record']:
            self._finish_row()
        elif place[:1] == ['record']:
            self._note_row(place, value)
        elif place[-1:] and place[-1] in _HEAD:
            self.head.setdefault(place[-1], value)

    def close(self) -> None:
        """End the document, as the parser demands of whoever it tells."""

    def _note_row(self, place: list[str], value: str) -> None:
        if place[1:] == ['auth_results', 'dkim', 'domain']:
            if len(self.signers) < MOST_SIGNATURES:
                self.signers.append(value.lower())
        elif place[-1] in _ROW and place[1:2] in (['row'], ['identifiers']):
            self.row.setdefault(place[-1], value)

    def _finish_row(self) -> None:
        """Add a row, together with others that say the same."""
        found = self.row
        try:
            source, count = str(ipaddress.ip_address(found['source_ip'])), int(found['count'])
        except (KeyError, ValueError) as error:
            raise refuse('report-garbage', f'a row without source or count: {error}') from error
        if not 0 <= count <= MOST_MESSAGES:
            raise refuse('report-garbage', f'{count} messages')
        results = (found.get('spf', '').lower() == 'pass', found.get('dkim', '').lower() == 'pass')
        disposition = found.get('disposition', '').lower()
        key = (
            source,
            *results,
            self._is_signed(),
            disposition if disposition in POLICIES else 'none',
        )
        self.rows[key] = min(self.rows.get(key, 0) + count, MOST_MESSAGES)
        if len(self.rows) > MOST_ROWS:
            raise refuse('report-many', f'more than {MOST_ROWS} rows')

    def _is_signed(self) -> bool:
        """Return whether there was a signature in the name From shows, whatever became of it."""
        shown = self.row.get('header_from', '').lower().rstrip('.')
        return bool(shown) and any(_related(signer.rstrip('.'), shown) for signer in self.signers)


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f'.{other}') or other.endswith(f'.{one}')


def _feed(data: bytes) -> _Collector:
    """Return what the parser found in a document."""
    from defusedxml.common import DefusedXmlException  # only where strangers' XML is read
    from defusedxml.ElementTree import ParseError, XMLParser

    collector = _Collector()
    parser = XMLParser(target=collector, forbid_dtd=True)
    try:
        parser.feed(data)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise refuse('report-garbage', clean(str(error), LONGEST)) from error
    return collector


def _rows(found: Iterable[tuple[tuple[str, bool, bool, bool, str], int]]) -> tuple[Row, ...]:
    return tuple(
        Row(source, count, spf, dkim, signed, disposition)
        for (source, spf, dkim, signed, disposition), count in found
        if count
    )


def parse(data: bytes) -> Report:
    """Return the report in an XML document."""
    collector = _feed(data)
    head = collector.head
    policy = head.get('p', '').lower()
    try:
        return Report(
            parse_domain(head['domain'].rstrip('.')), clean(head.get('org_name', '')),
            clean(head['report_id']), moment(head['begin']), moment(head['end']),
            policy if policy in POLICIES else 'none', _rows(collector.rows.items()),
        )  # fmt: skip
    except (KeyError, ValueError, OverflowError, OSError, MailError) as error:
        raise refuse('report-garbage', clean(str(error), LONGEST)) from error
