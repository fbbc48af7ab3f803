# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports that counted, and a tally of those that did not, for some months.

A folder for each domain holds a file for each month, a line of JSON for each report. A line
is added whole or not at all; one cut short by a crash is passed over. The reader of reports
writes, the web interface only reads, and trusts no more in what it reads than it must: a
reader taken over by a report could write anything here.

No sender takes the room of others: the rows of a report beyond the first are added up when
much has come from there already, and no one gets more than an eighth of a month.

DIAGNOSTICS
    report-twice   this report is here already
    report-full    there is no room left for this month
    report-greedy  its sender has used up what one sender may take of a month
"""

import io
import json
import os
import pathlib
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from ..directory.address import parse_domain
from ..errors import MailError
from . import dmarc, tlsrpt
from .head import organisation
from .reject_reason import REASONS, refuse

FOLDER = pathlib.Path('/var/lib/freedombox-email-reports')
MOST_BYTES = 2 * 1024 * 1024
"""Bytes a month of one domain may take."""
MOST_OF_SENDER = MOST_BYTES // 8
"""Bytes of it for all reports of one sender; beyond a half of that they are condensed."""
MOST_CONDENSED = 25
"""Rows of a condensed report."""
MOST_ASIDE = 64 * 1024
"""Bytes of it for reports that do not count, so that they leave room for those that do."""
MONTHS = 13
_LONGEST_LINE = 200_000

Report = dmarc.DmarcReport | tlsrpt.TlsReport
ReportType = TypeVar('ReportType', bound=Report)


@dataclass(frozen=True)
class StoredReport(Generic[ReportType]):
    """A report, and the domain that proved to have sent it."""

    sender: str
    report: ReportType

    def __post_init__(self) -> None:
        """Refuse a sender that is no domain."""
        if parse_domain(self.sender) != self.sender:
            raise ValueError(f'Not in normal form: {self.sender!r}')


DmarcEntry = StoredReport[dmarc.DmarcReport]
TlsEntry = StoredReport[tlsrpt.TlsReport]


@dataclass(frozen=True)
class StoredReports:
    """Reports of both kinds kept of some days, and counts of those put aside by reason."""

    dmarc: tuple[DmarcEntry, ...] = ()
    tls: tuple[TlsEntry, ...] = ()
    aside: Mapping[str, int] = field(default_factory=dict)


def _read(path: pathlib.Path) -> bytes:
    """The content of a file up to its limit; nothing of a link, a pipe or a missing one."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b''
    with os.fdopen(handle, 'rb') as file:
        is_file = stat.S_ISREG(os.fstat(handle).st_mode)
        return file.read(MOST_BYTES + _LONGEST_LINE) if is_file else b''


def _kind(report: Report) -> str:
    return 'dmarc' if isinstance(report, dmarc.DmarcReport) else 'tls'


def _months(first: date, last: date) -> Iterator[str]:
    """Yield the months that have these days, as files are named."""
    month = first.replace(day=1)
    while month <= last:
        yield f'{month:%Y-%m}'
        month = (month + timedelta(days=32)).replace(day=1)


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=True, separators=(',', ':')).encode() + b'\n'


def _write_all(file: io.FileIO, line: bytes) -> None:
    """Write a line to the disk; OSError if there is no room for all of it."""
    while line:
        line = line[file.write(line) :]
    os.fsync(file.fileno())


def _same(known: Mapping[str, Any], kind: str, entry: StoredReport[ReportType]) -> bool:
    """Whether a line is the report that comes in."""
    told = (known.get('kind'), known.get('sender'), known.get('id'))
    return told == (kind, entry.sender, entry.report.report_id)


def _fitting(entry: StoredReport[ReportType], used: int) -> bytes:
    """The line of a report, whole or condensed, if its sender may add as much."""
    report: Report = entry.report
    head = {'kind': _kind(report), 'sender': entry.sender}
    whole = _line({**head, **report.to_json()})
    if used + len(whole) <= MOST_OF_SENDER // 2:
        return whole
    if isinstance(report, dmarc.DmarcReport):
        report = replace(report, rows=dmarc.condense(report.rows, MOST_CONDENSED))
    short = _line({**head, **report.to_json()})
    if used + len(short) > MOST_OF_SENDER:
        raise refuse('report-greedy', f'{used} bytes of {entry.sender}')
    return short


@dataclass(frozen=True)
class ReportStore:
    """Reports in a folder."""

    folder: pathlib.Path = FOLDER

    def _path(self, domain: str, month: str) -> pathlib.Path:
        return self.folder / parse_domain(domain) / f'{month}.jsonl'

    def _append(self, path: pathlib.Path, line: bytes, most: int) -> None:
        """Add a line; a file that ends in the middle of one gets an end first.

        On a full disk the file is left as it was. Raises OSError then.
        """
        path.parent.mkdir(mode=0o750, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o640)
        with os.fdopen(handle, 'r+b', buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                line = line if file.read(1) == b'\n' else b'\n' + line
            if size + len(line) > most or len(line) > _LONGEST_LINE:
                raise refuse('report-full', f'{size} bytes')
            try:
                _write_all(file, line)
            except OSError:
                file.truncate(size)
                raise

    def _lines(self, domain: str, month: str) -> Iterator[Mapping[str, Any]]:
        """Yield the lines of a month that can be understood."""
        return (found for found, _length in self._measured(domain, month))

    def _measured(self, domain: str, month: str) -> Iterator[tuple[Mapping[str, Any], int]]:
        """Yield the lines of a month that can be understood, each with its length."""
        for line in _read(self._path(domain, month)).split(b'\n'):
            try:
                found = json.loads(line) if line else None
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                yield found, len(line)

    def add(self, entry: StoredReport[ReportType]) -> None:
        """Keep a report, condensed where its sender has sent much already."""
        report, kind, used = entry.report, _kind(entry.report), 0
        month = f'{report.day:%Y-%m}'
        for known, length in self._measured(report.domain, month):
            if _same(known, kind, entry):
                raise refuse('report-twice', report.report_id)
            if organisation(str(known.get('sender'))) == organisation(entry.sender):
                used += length
        self._append(self._path(report.domain, month), _fitting(entry, used), MOST_BYTES)

    def put_aside(self, domain: str, code: str, when: datetime) -> None:
        """Count a report that does not count."""
        month, line = f'{when:%Y-%m}', {'kind': 'aside', 'code': code, 'day': f'{when:%Y-%m-%d}'}
        path = self._path(domain, f'{month}-aside')
        try:
            self._append(path, _line(line), MOST_ASIDE)
        except MailError as error:
            if error.code != 'report-full':
                raise

    def read(self, domain: str, first: date, last: date) -> StoredReports:
        """The reports kept of the days from first to last."""
        mail: list[DmarcEntry] = []
        sessions: list[TlsEntry] = []
        for month in _months(first, last):
            for line in self._lines(domain, month):
                _take(line, mail, sessions)
        return StoredReports(
            tuple(each for each in mail if _is_about(each.report, domain, first, last)),
            tuple(each for each in sessions if _is_about(each.report, domain, first, last)),
            self._aside(domain, first, last),
        )

    def _aside(self, domain: str, first: date, last: date) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for month in _months(first, last):
            for line in self._lines(domain, f'{month}-aside'):
                code, day = line.get('code'), str(line.get('day'))
                if code in REASONS and f'{first}' <= day <= f'{last}':
                    counts[str(code)] += 1
        return dict(counts)

    def prune(self, today: date) -> None:
        """Forget months that are long over, and domains nothing is known of any more."""
        kept = set(_months(today - timedelta(days=31 * MONTHS), today + timedelta(days=31)))
        for path in self.folder.glob('*/*.jsonl'):
            if path.name[:7] not in kept:
                path.unlink(missing_ok=True)
        for folder in self.folder.iterdir():
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _is_about(report: Report, domain: str, first: date, last: date) -> bool:
    return report.domain == domain and first <= report.day <= last


def _take(line: Mapping[str, Any], mail: list[DmarcEntry], sessions: list[TlsEntry]) -> None:
    """Add the report of a line to those of its kind, if it can be understood."""
    try:
        if line.get('kind') == 'dmarc':
            mail.append(StoredReport(str(line['sender']), dmarc.DmarcReport.from_json(line)))
        elif line.get('kind') == 'tls':
            sessions.append(StoredReport(str(line['sender']), tlsrpt.TlsReport.from_json(line)))
    except (ValueError, KeyError, MailError):
        return


def today() -> date:
    """The day it is, as reports count days."""
    return datetime.now(UTC).date()
