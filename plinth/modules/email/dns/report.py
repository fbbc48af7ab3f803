# SPDX-License-Identifier: AGPL-3.0-or-later
"""All verdicts on a domain at one moment, and their changes since the last time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from ..status import State, Verdict
from ..system.certificates import Certificate
from ..words.dns import SENTENCES
from .answer import Seen
from .checks import CHECKS, Check, judge
from .compare import compare
from .records import Record, Severity, Site, wanted

_ORDER = (State.BROKEN, State.LOOK, State.UNKNOWN, State.WORKS)
FORMAT = 2
OUTGOING = 'port-25'
"""The check of outgoing connections, which is the same for all domains that need them."""


@dataclass(frozen=True)
class DnsReport:
    """The verdicts on a domain, by record or check.

    `values` are those wanted at that time, `weights` how much each thing matters. `since` is
    kept with what was told: from when on each verdict was the same, day after day.
    """

    domain: str
    when: datetime
    verdicts: Mapping[str, Verdict]
    values: Mapping[str, str]
    weights: Mapping[str, str]
    zone: str = ''
    seconds: float = 0.0
    since: Mapping[str, datetime] = field(default_factory=dict)

    def verdict(self, record: Record) -> Verdict | None:
        """The verdict on a record, None when another value was wanted at that time."""
        found = self.verdicts.get(record.role)
        if self.values.get(record.role) != record.value or (found and not _is_for(record, found)):
            return None
        return found

    def matters(self, role: str) -> bool:
        """Whether mail suffers when this is not right."""
        return self.weights.get(role) != Severity.OPTIONAL.value

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            'format': FORMAT,
            'domain': self.domain,
            'when': self.when.isoformat(),
            'verdicts': {role: each.to_json() for role, each in self.verdicts.items()},
            'values': dict(self.values),
            'weights': dict(self.weights),
            'zone': self.zone,
            'seconds': self.seconds,
            'since': {role: each.isoformat() for role, each in self.since.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The report `to_json` was made of; ValueError for anything else."""
        try:
            if data['format'] != FORMAT:
                raise ValueError('a report of another version of this app')
            verdicts = {
                str(role): Verdict.from_json(each) for role, each in data['verdicts'].items()
            }
            if any(each.code not in SENTENCES for each in verdicts.values()):
                raise ValueError('a verdict this version has no words for')
            return cls(
                str(data['domain']), datetime.fromisoformat(data['when']), verdicts,
                {str(role): str(value) for role, value in data['values'].items()},
                {str(role): str(weight) for role, weight in data['weights'].items()},
                str(data['zone']), float(data['seconds']),
                {str(role): datetime.fromisoformat(each) for role, each in data['since'].items()},
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f'not a report: {error}') from error


def _is_for(record: Record, verdict: Verdict) -> bool:
    """Whether a verdict on a signing key was given on its present value."""
    if verdict.code == 'key-not-ready':
        return bool(record.absence)
    return verdict.code not in ('missing-next', 'missing-old') or verdict.code == record.absence


def make(
    site: Site, seen: Seen, shown: Certificate | None, now: datetime | None = None
) -> DnsReport:
    """The verdicts on everything seen."""
    now = now or datetime.now(UTC)
    records = wanted(site)
    verdicts = {record.role: compare(record, site, seen) for record in records}
    for check in CHECKS if records else ():
        verdicts[check.role] = judge(check, site, seen, shown, now)
    values = {record.role: record.value for record in records}
    things: list[Record | Check] = [*records, *CHECKS]
    weights = {thing.role: thing.severity.value for thing in things}
    return DnsReport(
        site.domain, now, verdicts, values, weights, seen.zone or site.domain, seen.seconds
    )


def overall(report: DnsReport) -> State:
    """The state of a domain: the worst verdict that matters for mail.

    What is optional counts when it is broken, for then it does harm.
    """
    states = {
        verdict.state
        for role, verdict in report.verdicts.items()
        if verdict.state is State.BROKEN or report.matters(role)
    }
    return next((state for state in _ORDER if state in states), State.WORKS)


def todo(report: DnsReport) -> tuple[str, ...]:
    """Records and checks that need the administrator."""
    return tuple(
        role
        for role, verdict in report.verdicts.items()
        if verdict.state is State.BROKEN or (verdict.state is State.LOOK and report.matters(role))
    )


def stoppers(report: DnsReport) -> set[str]:
    """Broken records and checks that mail cannot do without."""
    return {
        role
        for role, verdict in report.verdicts.items()
        if verdict.state is State.BROKEN and report.weights.get(role) == Severity.NEEDED.value
    }


def stops_mail(report: DnsReport) -> bool:
    """Whether something is broken that mail cannot do without."""
    return bool(stoppers(report))


@dataclass(frozen=True)
class VerdictChange:
    """A record or check whose state is not as before."""

    role: str
    before: State
    verdict: Verdict


def changes(before: DnsReport | None, after: DnsReport) -> tuple[VerdictChange, ...]:
    """The verdicts that changed for better or worse.

    An unknown verdict is no change: DNS that does not answer for an hour would otherwise be
    news twice. The first report counts only problems as changes.
    """
    found = []
    for role, verdict in after.verdicts.items():
        known = before.verdicts.get(role) if before else None
        was = known.state if known else State.WORKS
        if verdict.state is not State.UNKNOWN and verdict.state is not was:
            found.append(VerdictChange(role, was, verdict))
    return tuple(found)


def remembered(before: DnsReport | None, after: DnsReport) -> DnsReport:
    """A report to compare the next one with: unknown verdicts keep their earlier value."""
    verdicts = {
        role: before.verdicts[role]
        if verdict.state is State.UNKNOWN and before and role in before.verdicts
        else verdict
        for role, verdict in after.verdicts.items()
        if verdict.state is not State.UNKNOWN or (before and role in before.verdicts)
    }
    since = {role: _beginning(role, verdicts[role], before, after) for role in verdicts}
    return replace(after, verdicts=verdicts, since=since)


def _beginning(role: str, verdict: Verdict, before: DnsReport | None, after: DnsReport) -> datetime:
    """The moment since when a verdict is the same, about the same value."""
    known = before.verdicts.get(role) if before else None
    if before is None or known is None or known.code != verdict.code:
        return after.when
    if before.values.get(role) != after.values.get(role):
        return after.when
    return before.since.get(role, after.when)
