# SPDX-License-Identifier: AGPL-3.0-or-later
"""Aggregate reports on mail in the name of a domain (DMARC, RFC 7489 appendix C).

The XML is read as it streams by; no tree is built, so memory depends on what is kept, not on
what was sent. defusedxml refuses document types and entities. A document no parser takes is
tried once more in the form of `mended`.

DIAGNOSTICS
    report-garbage   no such report, or values in it that cannot be
    report-many      more elements or levels than a report has
"""

import heapq
import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from ..directory.address import parse_domain
from ..errors import MailError
from .head import MOST_MESSAGES, Head, clean, fields, moment
from .reject_reason import refuse

MOST_ELEMENTS = 200_000
MOST_ROWS = 1000
"""Rows that are kept one by one; the others are added up, without their sources."""
MOST_SUMS = 2 * 2 * 2 * 3
"""As many rows as there are results, for what is added up."""
MOST_SIGNATURES = 20
DEEPEST = 12
LONGEST = 300
"""Characters of any value that are looked at."""
POLICIES = ('none', 'quarantine', 'reject')
_HEAD = frozenset({'org_name', 'report_id', 'begin', 'end', 'domain', 'p'})
_ROW = frozenset({'source_ip', 'count', 'spf', 'dkim', 'disposition', 'header_from'})


def normal(address: str) -> str:
    """An IP address in its one form: IPv4 also where it came mapped into IPv6 (RFC 4291, 2.5.5.2).

    Raises ValueError for anything else.
    """
    found = ipaddress.ip_address(address)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


@dataclass(frozen=True)
class DmarcRow:
    """How mail from one address fared, or from all those beyond `MOST_ROWS` (source '').

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
        if self.source and normal(self.source) != self.source:
            raise ValueError(f'Not in normal form: {self.source!r}')
        if not 0 < self.count <= MOST_MESSAGES or self.disposition not in POLICIES:
            raise ValueError(f'Not a row: {self}')

    @property
    def passes(self) -> bool:
        """Whether the mail counts as ours for its receiver."""
        return self.spf or self.dkim


def _rank(row: DmarcRow) -> tuple[bool, int]:
    """Rows that pass or carry our signature come first, then the largest."""
    return row.passes or row.signed, row.count


def condense(rows: Iterable[DmarcRow], most: int = MOST_ROWS) -> tuple[DmarcRow, ...]:
    """The first `most` rows, and the sums of all others with each result."""
    found = [row for row in rows if row.count]
    kept = heapq.nlargest(most, (row for row in found if row.source), key=_rank)
    single, sums = set(kept), Counter[DmarcRow]()
    for row in found:
        if row not in single:
            sums[replace(row, source='', count=1)] += row.count
    return (*kept, *(replace(row, count=min(n, MOST_MESSAGES)) for row, n in sums.items()))


@dataclass(frozen=True)
class DmarcReport(Head):
    """An aggregate report of one receiver on a domain's mail."""

    policy: str
    rows: tuple[DmarcRow, ...]
    unread: int = 0
    """Rows without a number of messages that can be; nothing of them is kept."""

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        super().__post_init__()
        if self.policy not in POLICIES or len(self.rows) > MOST_ROWS + MOST_SUMS:
            raise ValueError('A report has a policy and a bounded number of rows.')

    @property
    def passing(self) -> int:
        """How many messages passed."""
        return sum(row.count for row in self.rows if row.passes)

    @property
    def failing(self) -> int:
        """How many messages did not pass."""
        return sum(row.count for row in self.rows if not row.passes)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            **super().to_json(),
            'policy': self.policy,
            'rows': [
                [each.source, each.count, each.spf, each.dkim, each.signed, each.disposition]
                for each in self.rows
            ],
            'unread': self.unread,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The report `to_json` was made of; ValueError for anything else."""
        try:
            rows = tuple(
                DmarcRow(
                    str(source), int(count), spf is True, dkim is True, signed is True, str(did)
                )
                for source, count, spf, dkim, signed, did in data['rows']
            )
            return cls(
                **fields(data),
                policy=str(data['policy']),
                rows=rows,
                unread=int(data.get('unread', 0)),
            )
        except (KeyError, TypeError, AttributeError, OverflowError, OSError, MailError) as error:
            raise ValueError(f'not a report: {error}') from error


Key = tuple[str, bool, bool, bool, str]
"""Source, SPF, DKIM, signed, disposition."""


class _Collector:
    """A parser target that keeps the elements of a report that matter."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.elements = 0
        self.text: list[str] = []
        self.length = 0
        self.head: dict[str, str] = {}
        self.row: dict[str, str] = {}
        self.signers: list[str] = []
        self.rows: dict[Key, int] = {}
        self.unread = 0

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
        """End the document, as the parser demands of its target."""

    def _note_row(self, place: list[str], value: str) -> None:
        if place[1:] == ['auth_results', 'dkim', 'domain']:
            if len(self.signers) < MOST_SIGNATURES:
                self.signers.append(value.lower())
        elif place[-1] in _ROW and place[1:2] in (['row'], ['identifiers']):
            self.row.setdefault(place[-1], value)

    def _finish_row(self) -> None:
        """Add a row, together with others that say the same."""
        count = _count(self.row.get('count', ''))
        if count is None:
            self.unread += 1
            return
        key = (
            _source(self.row.get('source_ip', '')),
            self._passes('spf'),
            self._passes('dkim'),
            self._is_signed(),
            _policy(self.row.get('disposition', '')),
        )
        self.rows[key] = min(self.rows.get(key, 0) + count, MOST_MESSAGES)

    def all_rows(self) -> Iterator[DmarcRow]:
        """Yield the rows of the document, each source and result once."""
        for (source, spf, dkim, signed, disposition), count in self.rows.items():
            if count:
                yield DmarcRow(source, count, spf, dkim, signed, disposition)

    def _passes(self, method: str) -> bool:
        return self.row.get(method, '').lower() == 'pass'

    def _is_signed(self) -> bool:
        """Whether there was a signature in the name From shows, valid or not."""
        shown = self.row.get('header_from', '').lower().rstrip('.')
        return bool(shown) and any(_related(signer.rstrip('.'), shown) for signer in self.signers)


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f'.{other}') or other.endswith(f'.{one}')


def _count(text: str) -> int | None:
    """A number of messages; None if it is none that can be."""
    try:
        count = int(text)
    except ValueError:
        return None
    return count if 0 <= count <= MOST_MESSAGES else None


def _source(text: str) -> str:
    """An address; '' for a row that names none, which is added to those without a source."""
    try:
        return normal(text)
    except ValueError:
        return ''


def _policy(text: str) -> str:
    return text.lower() if text.lower() in POLICIES else 'none'


def _feed(data: bytes) -> _Collector:
    """The elements that the parser found in a document."""
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


_ENCODINGS = (
    (b'\xff\xfe', 'utf-16'),
    (b'\xfe\xff', 'utf-16'),
    (b'<\0', 'utf-16-le'),
    (b'\0<', 'utf-16-be'),
)
_DECLARATION = re.compile(r'<\?xml[^>]{0,500}>')
_TAG = re.compile(r'<(/?)(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})'
                  r'(?:\s[^<>]{0,2000}?)?(/?)>')  # fmt: skip
_SCHEMA = re.compile(r'</?[\w.-]{0,60}:?schema\b[^<>]{0,2000}>', re.IGNORECASE)
_LONE = re.compile(r'&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)')


def _decoded(data: bytes) -> str:
    """Text in the encoding its bytes are in, whatever its declaration says."""
    found = next((name for mark, name in _ENCODINGS if data.startswith(mark)), 'utf-8-sig')
    try:
        return data.decode(found)
    except UnicodeDecodeError:
        return data.decode('latin-1')


def mended(data: bytes) -> bytes:
    """A document as its writer meant it, in UTF-8.

    Seen in reports: a wrong encoding in the declaration, a schema's tag that is never closed,
    undeclared prefixes, a bare ampersand in a name. Attributes mean nothing here.
    """
    text = _SCHEMA.sub('', _DECLARATION.sub('', _decoded(data), count=1))
    return _TAG.sub(r'<\1\2\3>', _LONE.sub('&amp;', text)).strip().encode()


def _read(data: bytes) -> _Collector:
    """The elements of a document; one that no parser takes is mended first."""
    try:
        return _feed(data)
    except MailError as error:
        if error.code != 'report-garbage':
            raise
        return _feed(mended(data))


def parse(data: bytes) -> DmarcReport:
    """The report in an XML document."""
    collector = _read(data)
    head = collector.head
    if collector.unread and not collector.rows:
        raise refuse('report-garbage', f'{collector.unread} rows, none with a number')
    try:
        return DmarcReport(
            parse_domain(head['domain'].rstrip('.')), clean(head.get('org_name', '')),
            clean(head['report_id']), moment(head['begin']), moment(head['end']),
            _policy(head.get('p', '')), condense(collector.all_rows()), collector.unread,
        )  # fmt: skip
    except (KeyError, ValueError, OverflowError, OSError, MailError) as error:
        raise refuse('report-garbage', clean(str(error), LONGEST)) from error
