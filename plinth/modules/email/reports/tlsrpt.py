# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports on encrypted delivery to a domain (SMTP TLS reporting, RFC 8460).

DIAGNOSTICS
    report-too-big   more text than such a report has
    report-garbage   no such report, or values in it that cannot be
    report-many      more domains than a report has
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from ..directory.address import parse_domain
from ..errors import MailError
from .head import MOST_MESSAGES, Head, clean, fields
from .reject_reason import refuse

LONGEST_TEXT = 1024 * 1024
"""A parser's objects take many times the room of their text."""
MOST_DOMAINS = 50
MOST_FAILURES = 200
"""Reasons that are kept one by one; the others are added up as `OTHER`."""
OTHER = 'other-reasons'
KINDS = ('tlsa', 'sts', 'no-policy-found')


@dataclass(frozen=True)
class Failure:
    """Sessions that failed for one reason, in the words of RFC 8460."""

    reason: str
    count: int

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        if not 0 < self.count <= MOST_MESSAGES or clean(self.reason) != self.reason:
            raise ValueError(f'Not a failure: {self}')


@dataclass(frozen=True)
class TlsReport(Head):
    """How one sender's encrypted sessions with a domain went.

    `works` and `fails` count sessions for each kind of policy the sender went by.
    """

    works: Mapping[str, int]
    fails: Mapping[str, int]
    failures: tuple[Failure, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        super().__post_init__()
        counts = (*self.works.values(), *self.fails.values())
        if {*self.works, *self.fails} - {*KINDS} or len(self.failures) > MOST_FAILURES:
            raise ValueError('A report knows few policies and few failures.')
        if any(not 0 <= count <= MOST_MESSAGES for count in counts):
            raise ValueError('A report counts sessions.')

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            **super().to_json(),
            'works': dict(self.works),
            'fails': dict(self.fails),
            'failures': [[each.reason, each.count] for each in self.failures],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The report `to_json` was made of; ValueError for anything else."""
        try:
            return cls(
                **fields(data),
                works=_counts(data['works']),
                fails=_counts(data['fails']),
                failures=tuple(
                    Failure(clean(reason), int(count)) for reason, count in data['failures']
                ),
            )
        except (KeyError, TypeError, AttributeError, OverflowError, OSError, MailError) as error:
            raise ValueError(f'not a report: {error}') from error


def _counts(found: Mapping[str, Any]) -> dict[str, int]:
    return {str(kind): int(count) for kind, count in found.items()}


def _no_number(text: str) -> float:
    raise ValueError(f'{text} is no number of sessions')


def _load(data: bytes) -> Mapping[str, Any]:
    """The object a text holds."""
    if len(data) > LONGEST_TEXT:
        raise refuse('report-too-big', f'{len(data)} bytes')
    try:
        found = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise refuse('report-garbage', clean(str(error))) from error
    if not isinstance(found, dict):
        raise refuse('report-garbage', 'not an object')
    return found


def _whole(value: Any) -> int:
    """A count; a number written as text is taken, as some senders write it."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f'not a count: {clean(str(value))}')
    count = int(value)
    if not 0 <= count <= MOST_MESSAGES:
        raise ValueError(f'not a count: {count}')
    return count


def _moment(text: Any) -> datetime:
    """A moment; without a zone it is taken for UTC."""
    when = datetime.fromisoformat(str(text))
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _policies(found: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The policies of a report by the domain they are of."""
    policies = found['policies']
    if not isinstance(policies, list) or not policies:
        raise ValueError('a report without policies')
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for each in policies:
        domain = parse_domain(str(each['policy']['policy-domain']).rstrip('.'))
        grouped.setdefault(domain, []).append(each)
    if len(grouped) > MOST_DOMAINS:
        raise refuse('report-many', f'{len(grouped)} domains')
    return grouped


def _failures(policies: list[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    """Yield the reasons of failed sessions and how many there were."""
    for policy in policies:
        for each in policy.get('failure-details') or ():
            yield clean(str(each['result-type'])), _whole(each['failed-session-count'])


def _largest(counts: Mapping[str, int]) -> tuple[Failure, ...]:
    """The most frequent failures, and the sum of all others."""
    ordered = sorted(((count, reason) for reason, count in counts.items() if count), reverse=True)
    first, rest = ordered[: MOST_FAILURES - 1], ordered[MOST_FAILURES - 1 :]
    others = min(sum(count for count, _reason in rest), MOST_MESSAGES)
    named = [Failure(reason, count) for count, reason in first]
    return (*named, Failure(OTHER, others)) if others else tuple(named)


def _sum(pairs: Iterator[tuple[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, count in pairs:
        counts[key] = min(counts.get(key, 0) + count, MOST_MESSAGES)
    return counts


def _sessions(policies: list[Mapping[str, Any]], which: str) -> dict[str, int]:
    """How many sessions of a kind there were under each policy."""
    kinds = ((str(each['policy']['policy-type']).lower(), each) for each in policies)
    return _sum(
        (kind if kind in KINDS else 'no-policy-found', _whole(each['summary'][which]))
        for kind, each in kinds
    )


def _report(found: Mapping[str, Any], domain: str, policies: list[Mapping[str, Any]]) -> TlsReport:
    """The part of a report on one domain."""
    span = found['date-range']
    return TlsReport(
        domain, clean(str(found.get('organization-name', ''))), clean(str(found['report-id'])),
        _moment(span['start-datetime']), _moment(span['end-datetime']),
        _sessions(policies, 'total-successful-session-count'),
        _sessions(policies, 'total-failure-session-count'),
        _largest(_sum(_failures(policies))),
    )  # fmt: skip


def parse(data: bytes) -> tuple[TlsReport, ...]:
    """The reports in a JSON text, one for each domain it has policies of."""
    found = _load(data)
    try:
        return tuple(
            _report(found, domain, policies) for domain, policies in _policies(found).items()
        )
    except MailError as error:
        raise (
            error if error.code.startswith('report-') else refuse('report-garbage', str(error))
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise refuse('report-garbage', clean(str(error))) from error
