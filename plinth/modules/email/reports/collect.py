# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take reports out of the folder Postfix puts them into, judge them, keep what counts.

Runs as a user of its own, without a network, rights or secrets (see the unit
`freedombox-email-reports.service`): what it reads was written by strangers. A mail is moved
into `cur` before it is opened. If it breaks the reader all the same, it is found there at
the next start and never opened again.
"""

import pathlib
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..errors import MailError
from . import dmarc, letter, tlsrpt
from .refusal import refuse
from .store import Entry, Report, Store
from .unpack import unpack

SPOOL = pathlib.Path('/var/spool/freedombox-email/reports')
SECONDS = 240.0
"""After so long the rest waits for the next time."""
OLDEST, NEWEST = timedelta(days=60), timedelta(days=2)
_HEAD = 64 * 1024


def parse(content: bytes) -> Report:
    """Return the report of either kind in what a mail holds."""
    text = unpack(content).removeprefix(b'\xef\xbb\xbf').lstrip()
    return tlsrpt.parse(text) if text.startswith(b'{') else dmarc.parse(text)


def judge(data: bytes, now: datetime) -> Entry[Report]:
    """Return the report in a mail, if it counts."""
    found = letter.read(data)
    report = parse(found.content)
    if report.domain != found.domain:
        raise refuse('report-other', report.domain)
    if not now - OLDEST <= report.begin or not report.end <= now + NEWEST:
        raise refuse('report-dated', f'{report.begin:%Y-%m-%d}')
    return Entry(found.sender, report)


@dataclass(frozen=True)
class Collector:
    """Brings mails from a Maildir into a store."""

    store: Store
    spool: pathlib.Path = SPOOL

    def take(self, path: pathlib.Path, now: datetime) -> str:
        """Deal with one mail; return why it does not count, '' if it does."""
        head = b''
        try:
            with path.open('rb') as file:
                head = file.read(_HEAD)
                if path.stat().st_size > letter.MOST_MESSAGE:
                    raise refuse('report-too-big', f'{path.stat().st_size} bytes')
                self.store.add(judge(head + file.read(), now))
        except MailError as error:
            self._put_aside(head, error.code, now)
            return f'{error.code} {error.detail}'
        return ''

    def _put_aside(self, head: bytes, code: str, now: datetime) -> None:
        """Count a mail for the domain it came for, if that can be found out."""
        try:
            domain = letter.recipient_domain(letter.read_head(head))
        except MailError:
            return
        self.store.put_aside(domain, code, now)

    def _bury(self, now: datetime) -> None:
        """Put aside what broke the reader before."""
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
            opened = self.spool / 'cur' / path.name
            path.rename(opened)
            problem = self.take(opened, datetime.now(UTC))
            if problem:
                print(f'{path.name}: {problem}', file=sys.stderr)
            opened.unlink()
        self.store.prune(datetime.now(UTC).date())
        return True
