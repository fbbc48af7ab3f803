# SPDX-License-Identifier: AGPL-3.0-or-later
"""The texts of monthly, weekly and usage reports, from what was counted."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ..activity.mailbox_use import MailboxUse
from ..activity.period import Period
from ..directory.apppassword import AppPassword
from ..maintenance.reader_language import translated
from ..words import periodic_reports as words
from .package_updates import PackageUpdate
from .since import Standing

_KINDS: Mapping[str, str] = {
    'incoming': words.RECEIVED, 'outgoing': words.SENT, 'spam': words.SPAM,
    'refused': words.REJECTED, 'deferred': words.DELAYED,
}  # fmt: skip


def size_text(size: int) -> str:
    """An amount of mail."""
    for unit, name in ((10**9, 'GB'), (10**6, 'MB'), (10**3, 'kB')):
        if abs(size) >= unit:
            return f'{size / unit:.1f} {name}'
    return f'{size} B'


class ReportText:
    """Lines in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._lines: list[str] = []

    def said(self, text: str, **values: object) -> str:
        """A sentence with its values; what others wrote stays on one line."""
        plain = {name: ' '.join(str(value).split()) for name, value in values.items()}
        return translated(text, self._language).format(**plain)

    def line(self, text: str, **values: object) -> None:
        """Add a line of the part that was begun last."""
        self._lines.append(f'  {self.said(text, **values)}')

    def part(self, text: str) -> None:
        """Begin a part."""
        self._lines += ['', self.said(text)]

    def end(self, text: str) -> None:
        """Add the last lines."""
        self._lines += ['', translated(text, self._language), '']

    def whole(self, heading: str) -> str:
        """All lines under a heading."""
        return '\n'.join([heading, *self._lines])


@dataclass(frozen=True)
class MonthOfMail:
    """All that the monthly report tells; None is unknown."""

    domain: str
    counts: Mapping[str, int | None]
    queue: int | None
    used: int | None
    grown: int | None
    free: int
    largest: Mapping[str, int]
    devices: int
    standings: tuple[Standing, ...]
    passed: tuple[int, int] | None
    updates: tuple[PackageUpdate, ...]


def _problems(text: ReportText, standings: Iterable[Standing]) -> None:
    """The problems there are, and those that were solved."""
    found = list(standings)
    for each in found:
        day = f'{each.since:%Y-%m-%d}'
        if each.is_bad:
            text.line(words.OPEN, title=each.title, sentence=each.sentence, day=day)
        else:
            text.line(words.SOLVED, title=each.title, day=day)
    if not found:
        text.line(words.NO_PROBLEMS)


def _month_messages(text: ReportText, month: MonthOfMail) -> None:
    text.part(words.MESSAGES)
    known = {kind: count for kind, count in month.counts.items() if count is not None}
    for kind, count in known.items():
        text.line(_KINDS[kind], count=count)
    if not known:
        text.line(words.UNKNOWN)
    if month.queue is not None:
        text.line(words.QUEUE, count=month.queue)


def _month_updates(text: ReportText, updates: Iterable[PackageUpdate]) -> None:
    text.part(words.UPDATES)
    found = list(updates)
    for each in found:
        text.line(words.UPDATE, package=each.package, before=each.before, after=each.after)
    if not found:
        text.line(words.NO_UPDATES)


def _month_storage(text: ReportText, month: MonthOfMail, first: date) -> None:
    text.part(words.STORAGE)
    if month.used is not None:
        text.line(words.USED, size=size_text(month.used))
    _grown(text, month.grown, first)
    text.line(words.FREE, size=size_text(month.free))
    for address, size in month.largest.items():
        text.line(words.LARGEST, address=address, size=size_text(size))


def monthly(month: MonthOfMail, period: Period, language: str) -> tuple[str, str]:
    """Subject and text of the monthly report."""
    text = ReportText(language)
    _month_messages(text, month)
    text.part(words.PROBLEMS)
    _problems(text, month.standings)
    if month.passed:
        text.line(words.CHECKS, passed=month.passed[0], count=month.passed[1])
    _month_updates(text, month.updates)
    _month_storage(text, month, period.first)
    text.part(words.DEVICES)
    text.line(words.DEVICES_COUNT, count=month.devices)
    text.end(words.MONTHLY_END)
    subject = text.said(words.MONTHLY_SUBJECT, period=period.name)
    heading = text.said(words.MONTHLY, domain=month.domain, first=period.first, last=period.last)
    return subject, text.whole(heading)


def _grown(text: ReportText, grown: int | None, day: date) -> None:
    if grown is not None:
        sign = '+' if grown > 0 else ''
        text.line(words.GROWN, day=day, size=f'{sign}{size_text(grown)}')


@dataclass(frozen=True)
class StoredMail:
    """The storage a mailbox uses, its quota, and how much more than before; None is unknown."""

    used: int | None = None
    quota: str = ''
    grown: int | None = None


def weekly(
    use: MailboxUse,
    stored: StoredMail,
    devices: Iterable[AppPassword],
    period: Period,
    language: str,
) -> tuple[str, str]:
    """Subject and text of the weekly report to the person of a mailbox."""
    text = ReportText(language)
    text.part(words.MESSAGES)
    text.line(words.RECEIVED, count=use.received)
    text.line(words.SENT, count=use.sent)
    text.part(words.JUNK)
    text.line(words.CAUGHT, count=use.junk)
    text.line(words.REFUSED, count=use.refused)
    text.part(words.DEVICES)
    made = [text.said(words.DEVICE, label=each.label, day=each.created.date()) for each in devices]
    for line in made or [text.said(words.NO_DEVICES)]:
        text.line('{line}', line=line)
    if stored.used is not None:
        text.part(words.STORAGE)
        said = words.USED_OF if stored.quota else words.USED
        text.line(said, size=size_text(stored.used), quota=stored.quota)
        _grown(text, stored.grown, period.first)
    text.end(words.WEEKLY_END)
    values = {'address': use.address, 'first': period.first, 'last': period.last}
    return text.said(words.WEEKLY_SUBJECT, **values), text.whole(text.said(words.WEEKLY, **values))


def _days(text: ReportText, use: MailboxUse) -> Iterator[str]:
    for each in use.days:
        hours = ', '.join(f'{hour:02}:00' for hour in each.hours)
        yield text.said(
            words.DAY_HOURS if hours else words.DAY,
            day=each.day, received=each.received, sent=each.sent, hours=hours,
        )  # fmt: skip


def usage(use: MailboxUse, period: Period, language: str) -> tuple[str, str]:
    """Subject and text of the report on the use of a mailbox."""
    text = ReportText(language)
    text.part(words.DAYS)
    for line in _days(text, use):
        text.line('{line}', line=line)
    text.line(words.HOURS_NOTE)
    text.end(words.USAGE_END)
    values = {'address': use.address, 'first': period.first, 'last': period.last}
    return text.said(words.USAGE_SUBJECT, **values), text.whole(text.said(words.USAGE, **values))
