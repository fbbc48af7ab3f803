# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports on encrypted delivery to a domain (SMTP TLS reporting, RFC 8460).

DIAGNOSTICS
    report-too-big   more text than such a report has
    report-garbage   no such report, or values in it that cannot be
    report-many      more policies or failures than a report has
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from ..directory.address import parse_domain
from ..errors import MailError
from .head import MOST_MESSAGES, Head, clean, fields
from .refusal import refuse

LONGEST_TEXT = 1024 * 1024
"""A parser's objects take many times the room of their text."""
MOST_POLICIES = 50
MOST_FAILURES = 200
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
class Report(Head):
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
        """Return it as JSON can hold it."""
        return {
            **super().to_json(),
            'works': dict(self.works),
            'fails': dict(self.fails),
            'failures': [[each.reason, each.count] for each in self.failures],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `to_json` was made of; ValueError when it is something else."""
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
    """Return the object a text holds."""
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
    """Return a count; a number written as text is taken, as some senders write it."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f'not a count: {clean(str(value))}')
    count = int(value)
    if not 0 <= count <= MOST_MESSAGES:
        raise ValueError(f'not a count: {count}')
    return count


def _moment(text: Any) -> datetime:
    """Return a moment; without a zone it is taken for UTC."""
    when = datetime.fromisoformat(str(text))
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _policies(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    policies = found['policies']
    if not isinstance(policies, list) or not policies:
        raise ValueError('a report without policies')
    if len(policies) > MOST_POLICIES:
        raise refuse('report-many', f'{len(policies)} policies')
    return policies


def _failures(policies: list[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    """Yield the reasons of failed sessions and how many there were."""
    for policy in policies:
        details = policy.get('failure-details') or ()
        if len(details) > MOST_FAILURES:
            raise refuse('report-many', f'{len(details)} failures')
        for each in details:
            yield clean(str(each['result-type'])), _whole(each['failed-session-count'])


def _sum(pairs: Iterator[tuple[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key, count in pairs:
        counts[key] = min(counts.get(key, 0) + count, MOST_MESSAGES)
    return counts


def _sessions(policies: list[Mapping[str, Any]], which: str) -> dict[str, int]:
    """Return how many sessions of a kind there were under each policy."""
    kinds = ((str(each['policy']['policy-type']).lower(), each) for each in policies)
    return _sum(
        (kind if kind in KINDS else 'no-policy-found', _whole(each['summary'][which]))
        for kind, each in kinds
    )


def _domain(policies: list[Mapping[str, Any]]) -> str:
    """Return the one domain all policies are of."""
    names = {parse_domain(str(each['policy']['policy-domain']).rstrip('.')) for each in policies}
    if len(names) != 1:
        raise ValueError('a report on several domains')
    return names.pop()


def parse(data: bytes) -> Report:
    """Return the report in a JSON text."""
    found = _load(data)
    try:
        policies = _policies(found)
        span = found['date-range']
        failures = [
            Failure(reason, count) for reason, count in _sum(_failures(policies)).items() if count
        ]
        return Report(
            _domain(policies), clean(str(found.get('organization-name', ''))),
            clean(str(found['report-id'])), _moment(span['start-datetime']),
            _moment(span['end-datetime']),
            _sessions(policies, 'total-successful-session-count'),
            _sessions(policies, 'total-failure-session-count'), tuple(failures),
        )  # fmt: skip
    except MailError as error:
        raise (
            error if error.code.startswith('report-') else refuse('report-garbage', error.sentence)
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise refuse('report-garbage', clean(str(error))) from error
