# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows and the headline of the page with a domain's records."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.timesince import timesince
from django.utils.translation import ngettext

from ..dns import report, setups
from ..dns.checks import Check
from ..dns.records import Record, Severity
from ..status import State
from ..words import dns, pages


@dataclass(frozen=True)
class RecordRow:
    """One record or check as the page shows it."""

    thing: Record | Check
    state: State
    sentence: str
    found: tuple[str, ...] = ()
    label: str = ''
    entering: str = ''
    absent: bool = False
    """Whether it is not there and need not be, which is neither good nor bad."""
    outside: str = ''
    """Whether another box looked ('yes' or 'no'), '' where that makes no difference."""

    @property
    def is_optional(self) -> bool:
        """Whether mail works without it."""
        return self.thing.severity is Severity.OPTIONAL

    @property
    def needs_administrator(self) -> bool:
        """Whether it should be shown unfolded."""
        return self.state is State.BROKEN or (
            not self.is_optional and self.state is not State.WORKS
        )

    @property
    def is_record(self) -> bool:
        """Whether there is a value to copy."""
        return isinstance(self.thing, Record)


def to_row(thing: Record | Check, latest: report.DnsReport | None, zone: str = '') -> RecordRow:
    """A record or check with the latest verdict on it."""
    label = entering = ''
    verdict = None
    if isinstance(thing, Record):
        label = thing.label(latest.zone if latest else zone)
        entering = str(dns.ENTERING[thing.kind])
        verdict = latest.verdict(thing) if latest else None
    elif latest:
        verdict = latest.verdicts.get(thing.role)
    if verdict is None:
        return RecordRow(
            thing, State.UNKNOWN, pages.NOT_CHECKED_YET if latest else '', (), label, entering
        )
    said, absent = dns.sentence(verdict), verdict.code in dns.ABSENT
    outside = str(verdict.params.get(setups.OUTSIDE, ''))
    return RecordRow(
        thing, State(verdict.state), said, verdict.found, label, entering, absent, outside
    )


def age(latest: report.DnsReport | None) -> str:
    """The age of a report in words."""
    if latest is None:
        return ''
    if datetime.now(UTC) - latest.when < timedelta(minutes=1):
        return str(pages.CHECKED_JUST_NOW)
    return str(pages.CHECKED_AGO.format(time=timesince(latest.when)))


def headline(
    rows: list[RecordRow], domain: str, latest: report.DnsReport | None
) -> tuple[State, str]:
    """The answer: whether a domain's records are correct, in one sentence."""
    if latest is None:
        return State.UNKNOWN, pages.DOMAIN_NOT_CHECKED.format(domain=domain)
    todo = [row for row in rows if row.needs_administrator and row.state is not State.UNKNOWN]
    if todo:
        state = State.BROKEN if any(row.state is State.BROKEN for row in todo) else State.LOOK
        text = ngettext(
            '{count} problem with {domain}', '{count} problems with {domain}',
            len(todo),
        )  # fmt: skip
        return state, text.format(count=len(todo), domain=domain)
    if any(row.needs_administrator for row in rows):
        text = pages.CHECKS_INCOMPLETE
        return State.UNKNOWN, text.format(domain=domain)
    text = pages.RECORDS_CORRECT
    return State.WORKS, text.format(domain=domain)
