# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports that are due, each sent once for its period.

NAME
    report_sending - what freedombox-email-periodic.timer does every hour

DESCRIPTION
    A report is due some hours after its period is over. That one is about to be handed to Postfix
    is noted before, and that Postfix took it, afterwards. After an interruption between the two,
    the stories of messages tell by its Message-ID whether it was taken; until they can be asked,
    it is not sent. So none is sent twice, and none is left out.

    The monthly report begins with the first whole month in which mail was counted.

DIAGNOSTICS
    A report that could not be made or sent is told in the journal, and tried again.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from ..activity import trace_door
from ..activity.period import Period, PeriodKind, last_before
from ..activity.samples import Samples
from ..activity.story_store import StorySearch
from ..directory.mailbox import Mailbox
from ..directory.person import named
from ..directory.store import Store
from ..directory.verbs import guards, own
from ..errors import MailError
from ..maintenance import monthly_report
from ..maintenance.reader_language import language_of
from ..sending import box_notice, system_mail
from ..system import files
from ..system.box_zone import box_zone
from . import report_data, report_texts

SENT = Path('/var/lib/freedombox-email/reports-sent.json')
LOCK = Path('/run/freedombox-email-periodic.lock')
AFTER = timedelta(hours=6)
_LOCK_SECONDS = 120.0
_MOST_KEPT = 100_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DueReport:
    """A report to an address about a period; `make` gives subject and text, None for no report."""

    kind: str
    to: str
    about: str
    period: Period
    make: Callable[[], tuple[str, str] | None]

    @property
    def key(self) -> str:
        """A name that stays the same over periods."""
        return f'{self.kind} {self.about} {self.to}'

    def message_id(self, domain: str) -> str:
        """The Message-ID that only this report has."""
        word = hashlib.sha256(f'{self.key} {self.period.name}'.encode()).hexdigest()[:24]
        return f'<report-{self.period.name}-{word}@{domain}>'


class SentReports:
    """The periods of the last reports, and those that were being sent."""

    def __init__(self, path: Path = SENT) -> None:
        self._path = path
        self._found: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            found = json.loads(path.read_text(encoding='utf-8'))
            self._found = found if isinstance(found, dict) else {}

    def is_sent(self, report: DueReport) -> bool:
        """Whether a report was sent."""
        return bool(self._found.get(report.key) == report.period.name)

    def is_open(self, report: DueReport) -> bool:
        """Whether a report may have been sent."""
        return bool(self._found.get(report.key) == f'{report.period.name} open')

    def note(self, report: DueReport, is_done: bool) -> None:
        """Note that a report is sent, or is about to be."""
        self._found.pop(report.key, None)  # the last one is the newest
        self._found[report.key] = report.period.name if is_done else f'{report.period.name} open'
        kept = dict(list(self._found.items())[-_MOST_KEPT:])
        files.write(str(self._path), files.File('file', json.dumps(kept).encode(), 0o600, 0, 0))


def _was_taken(message_id: str) -> bool:
    """Whether Postfix has taken a message; MailError when that cannot be told."""
    search = StorySearch(message_id=message_id.strip('<>'), most=1)
    return bool(trace_door.find(search).stories)


def _send(report: DueReport, sent: SentReports, was_taken: Callable[[str], bool]) -> None:
    """Send a report, if it was not."""
    domain = report.to.rpartition('@')[2]
    message_id = report.message_id(domain)
    if sent.is_open(report) and was_taken(message_id):
        sent.note(report, True)
        return
    made = report.make()
    if made:
        message = box_notice.compose(report.to, domain, *made)
        message.replace_header('Message-ID', message_id)
        sent.note(report, False)
        system_mail.send(message, sender=f'postmaster@{domain}')
    sent.note(report, True)


def send_due(
    reports: Iterator[DueReport], sent: SentReports,
    was_taken: Callable[[str], bool] = _was_taken,
) -> None:  # fmt: skip
    """Send all reports that were not; one that fails keeps no other back."""
    for report in reports:
        if sent.is_sent(report):
            continue
        try:
            _send(report, sent, was_taken)
        except MailError as error:
            logger.warning('The report %s was not sent: %s', report.key, error.detailed)


def _period(kind: PeriodKind, now: datetime) -> Period:
    """The last period of a kind whose report is due."""
    return last_before(kind, (now - AFTER).date())


def postmaster(store: Store) -> str:
    """The administrator who reads the postmaster's mail."""
    return store.settings().operator or next(iter(store.admins()), '')


class Reports:
    """The reports there are to make."""

    def __init__(self, store: Store, samples: Samples, now: datetime) -> None:
        self._store, self._samples, self._now = store, samples, now
        self._zone: tzinfo = now.tzinfo or box_zone()

    def month(self, period: Period, is_empty_told: bool = False) -> tuple[str, str] | None:
        """The monthly report; None for a month without any count, unless that is told."""
        month = report_data.month_of(self._store, self._samples, period, self._zone)
        if month.counts['incoming'] is None and not is_empty_told:
            return None
        return report_texts.monthly(month, period, language_of(postmaster(self._store)))

    def weekly(self, mailbox: Mailbox, period: Period) -> tuple[str, str]:
        """The weekly report to the person of a mailbox."""
        language = language_of(mailbox.owner)
        return report_data.weekly(self._store, self._samples, mailbox, period, self._zone, language)

    def due(self) -> Iterator[DueReport]:
        """All reports of the last periods."""
        primary = self._store.settings().primary_domain
        if primary and monthly_report.is_on():
            month = _period('monthly', self._now)
            yield DueReport(
                'monthly', f'postmaster@{primary}', primary, month, lambda: self.month(month)
            )
        week = _period('weekly', self._now)
        for mailbox in self._store.having(Mailbox, 'reports'):
            if mailbox.enabled and 'weekly' in mailbox.reports:
                yield DueReport(
                    'weekly', mailbox.address, mailbox.address, week,
                    lambda mailbox=mailbox: self.weekly(mailbox, week),  # type: ignore[misc]
                )  # fmt: skip
            if 'usage' in mailbox.reports:
                yield from self._usage(mailbox, week)

    def usage(self, mailbox: Mailbox, period: Period, reader: str = '') -> tuple[str, str]:
        """The report on the use of a mailbox, in the language of a reader."""
        return report_data.usage(mailbox, period, self._zone, language_of(reader))

    def _readers(self, mailbox: Mailbox) -> Iterator[tuple[str, str]]:
        """The addresses of those who get the report on use, each with a user name."""
        guardians = guards.names_of(self._store, mailbox.guard) if mailbox.guard else ()
        for name in guardians:
            with suppress(MailError):
                address = own.main_address(self._store, named(self._store, name))
                yield address, '' if '@' in name else name
        primary = self._store.settings().primary_domain
        if not guardians and primary:
            yield f'postmaster@{primary}', postmaster(self._store)

    def _usage(self, mailbox: Mailbox, week: Period) -> Iterator[DueReport]:
        for address, reader in self._readers(mailbox):
            yield DueReport(
                'usage', address, mailbox.address, week,
                lambda reader=reader: self.usage(mailbox, week, reader),  # type: ignore[misc]
            )  # fmt: skip


def main() -> None:
    """Send all reports that are due."""
    now = datetime.now(box_zone())
    with files.locked(LOCK, _LOCK_SECONDS), Store() as store, Samples() as samples:
        send_due(Reports(store, samples, now).due(), SentReports())
