# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports taken out of the folder Postfix puts them into, judged, and kept where they count.

Runs as a user of its own, without a network, rights or secrets (see the unit
`freedombox-email-reports.service`): what it reads was written by strangers. A mail is moved
into `cur` before it is opened. If it breaks the reader all the same, it is found there at
the next start and never opened again.
"""

import pathlib
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..errors import MailError
from . import dmarc, message, tlsrpt
from .archive import Report, ReportStore, StoredReport
from .reject_reason import refuse
from .unpack import is_packed, unpack

SPOOL = pathlib.Path('/var/spool/freedombox-email/reports')
SECONDS = 240.0
"""After so long the rest waits for the next time."""
OLDEST, NEWEST = timedelta(days=60), timedelta(days=2)
_HEAD = 64 * 1024


def parse(content: bytes) -> tuple[Report, ...]:
    """The reports of either kind in one file, packed or not."""
    text = unpack(content).removeprefix(b'\xef\xbb\xbf').lstrip()
    return tlsrpt.parse(text) if b'{' in text[:4] else (dmarc.parse(text),)


@dataclass(frozen=True)
class Found:
    """The reports in a message: those that count, and the reasons why others do not."""

    entries: tuple[StoredReport[Report], ...]
    refused: tuple[MailError, ...]


def _check(report: Report, domain: str, now: datetime) -> None:
    """Refuse a report on another domain or an impossible time."""
    if report.domain != domain:
        raise refuse('report-other', report.domain)
    if not now - OLDEST <= report.begin or not report.end <= now + NEWEST:
        raise refuse('report-dated', f'{report.begin:%Y-%m-%d}')


def _judge(content: bytes, found: message.Letter, now: datetime) -> Found:
    """Judge one part of a mail."""
    entries, refused = [], []
    try:
        reports = parse(content)
    except MailError as error:
        return Found((), (error,))
    for report in reports:
        try:
            _check(report, found.domain, now)
            entries.append(StoredReport(found.sender, report))
        except MailError as error:
            refused.append(error)
    unread = [
        each.unread for each in reports if isinstance(each, dmarc.DmarcReport) and each.unread
    ]
    refused += [refuse('report-rows', f'{count} rows') for count in unread]
    return Found(tuple(entries), tuple(refused))


def judge(data: bytes, now: datetime) -> Found:
    """Judge all parts of a mail that look like reports.

    Beside a report, a text that merely begins like one is no refusal.
    """
    found = message.read(data)
    parts = [(content, _judge(content, found, now)) for content in found.contents]
    counted = [each for _content, each in parts if each.entries]
    refused = [each for content, each in parts if not each.entries and is_packed(content)]
    told = [*counted, *refused] or [parts[0][1]]
    return Found(
        tuple(entry for each in told for entry in each.entries),
        tuple(error for each in told for error in each.refused),
    )


@dataclass(frozen=True)
class Collector:
    """Brings mails from a Maildir into a store."""

    store: ReportStore
    spool: pathlib.Path = SPOOL

    def take(self, path: pathlib.Path, now: datetime) -> list[str]:
        """Take in one message; the reasons why reports in it do not count."""
        head = b''
        try:
            with path.open('rb') as file:
                head = file.read(_HEAD)
                if path.stat().st_size > message.MOST_MESSAGE:
                    raise refuse('report-too-big', f'{path.stat().st_size} bytes')
                found = judge(head + file.read(), now)
            problems = [*found.refused, *self._keep(found.entries)]
        except MailError as error:
            problems = [error]
        for problem in problems:
            self._put_aside(head, problem.code, now)
        return [f'{problem.code} {problem.detail}' for problem in problems]

    def _keep(self, entries: Iterable[StoredReport[Report]]) -> Iterator[MailError]:
        """Keep reports; yield why one could not be."""
        for entry in entries:
            try:
                self.store.add(entry)
            except MailError as error:
                yield error

    def _put_aside(self, head: bytes, code: str, now: datetime) -> None:
        """Count a mail for the domain it came for, if that can be found out."""
        try:
            domain = message.recipient_domain(message.read_head(head))
        except MailError:
            return
        self.store.put_aside(domain, code, now)

    def _bury(self, now: datetime) -> None:
        """Put aside a message that broke the reader before."""
        for path in (self.spool / 'cur').iterdir():
            with path.open('rb') as file:
                self._put_aside(file.read(_HEAD), 'report-crashed', now)
            path.unlink()
            print(f'{path.name}: report-crashed', file=sys.stderr)

    def run(self) -> bool:
        """Take all mails there is time for; return whether none is left."""
        end = time.monotonic() + SECONDS
        self._bury(datetime.now(UTC))
        waiting = sorted((self.spool / 'new').iterdir(), key=lambda path: path.name)
        for path in waiting:
            if time.monotonic() > end:
                return False
            self._open(path)
        self.store.prune(datetime.now(UTC).date())
        return True

    def _open(self, path: pathlib.Path) -> None:
        """Deal with a mail; one that cannot be kept, on a full disk say, waits unread.

        Raises OSError then.
        """
        opened = self.spool / 'cur' / path.name
        path.rename(opened)
        try:
            for problem in self.take(opened, datetime.now(UTC)):
                print(f'{path.name}: {problem}', file=sys.stderr)
        except OSError:
            opened.rename(path)
            raise
        opened.unlink()
