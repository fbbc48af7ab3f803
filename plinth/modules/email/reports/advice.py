# SPDX-License-Identifier: AGPL-3.0-or-later
"""Advice on when a policy may become stricter.

A step is proposed only when nothing of ours would be lost by it, as far as reports of two
weeks say. It is for a person to take: reports can be forged by anyone with a domain, and who
is missing from them sends too little to be reported.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..directory.domain import DMARC
from ..status import State
from . import figures
from .archive import DmarcEntry, ReportType, StoredReport, TlsEntry
from .figures import Who

DAYS = 14
"""So many days of reports must be good."""
REPORTS = 10
RECEIVERS = 2
SESSIONS = 5
CHANGED_SHARE = 0.02
"""So large a part of our mail may be changed on its way, as mailing lists do."""


_STATES = {
    'dmarc-none': State.UNKNOWN,
    'dmarc-own-fails': State.BROKEN,
    'dmarc-nothing-passes': State.LOOK,
    'dmarc-changed': State.LOOK,
    'tls-none': State.UNKNOWN,
    'tls-fails': State.LOOK,
}
"""The states of advice that is not good news."""


@dataclass(frozen=True)
class Advice:
    """A code, the values in its sentence, and the next step where one may be taken."""

    code: str
    params: dict[str, str] = field(default_factory=dict)
    step: str = ''

    @property
    def state(self) -> State:
        """The state of the policy by the reports."""
        return _STATES.get(self.code, State.WORKS)


def window(today: date) -> tuple[date, date]:
    """The first and last day that count; reports on the present day come tomorrow."""
    return today - timedelta(days=DAYS), today - timedelta(days=1)


def _next(steps: Sequence[str], now: str) -> str:
    """The step after one, '' after the last."""
    place = steps.index(now) + 1
    return steps[place] if place < len(steps) else ''


def _waiting(entries: Sequence[StoredReport[ReportType]], today: date) -> Advice | None:
    """The advice while reports do not reach back far enough."""
    begin = min((entry.report.day for entry in entries), default=today)
    left = DAYS - (today - begin).days
    return Advice('wait-days', {'days': str(left)}) if left > 0 else None


def _recent(
    entries: Sequence[StoredReport[ReportType]], today: date
) -> list[StoredReport[ReportType]]:
    first, last = window(today)
    return [entry for entry in entries if first <= entry.report.day <= last]


def dmarc(entries: Sequence[DmarcEntry], policy: str, own: Collection[str], today: date) -> Advice:
    """The advice of reports on mail in our name.

    Each step begins anew: only reports that found the present policy count for the next.
    """
    step = _next(DMARC, policy)
    recent = _recent(entries, today)
    if not recent:
        return Advice('dmarc-none')
    trouble = _trouble(recent, own)
    if trouble:
        return trouble
    if not step:
        return Advice('dmarc-strictest')
    now = DMARC.index(policy)
    since = [entry for entry in entries if DMARC.index(entry.report.policy) >= now]
    waiting = _waiting(since, today) or _too_few(recent)
    return waiting or Advice(f'dmarc-{step}', {'count': str(len(recent))}, step)


def _trouble(recent: Sequence[DmarcEntry], own: Collection[str]) -> Advice | None:
    """The advice while own mail would be lost."""
    found = figures.sources(recent, own)
    ours = [each for each in found if each.who is Who.OWN]
    failing = [each for each in ours if each.failing > each.changed]
    if failing:
        params = {'address': failing[0].address, 'count': str(failing[0].failing)}
        return Advice('dmarc-own-fails', params)
    changed = sum(each.changed for each in found)
    passing = sum(each.passing for each in found)
    if not passing:
        return Advice('dmarc-nothing-passes')
    if changed > CHANGED_SHARE * passing:
        return Advice('dmarc-changed', {'count': str(changed)})
    return None


def _too_few(recent: Sequence[DmarcEntry]) -> Advice | None:
    """The advice while there are too few reports."""
    senders = figures.receivers(recent)
    if len(recent) < REPORTS or len(senders) < RECEIVERS:
        return Advice('wait-more', {
            'count': str(len(recent)), 'senders': str(len(senders)),
            'needed': str(REPORTS), 'receivers': str(RECEIVERS),
        })  # fmt: skip
    return None


def encryption_failed(entries: Sequence[TlsEntry], today: date) -> bool:
    """Whether others reported that they could not deliver encrypted."""
    return bool(figures.sessions(_recent(entries, today)).fails)


def tls(entries: Sequence[TlsEntry], mode: str, today: date) -> Advice:
    """The advice of reports on encrypted delivery."""
    recent = _recent(entries, today)
    if not recent:
        return Advice('tls-none')
    found = figures.sessions(recent)
    if found.fails:
        return Advice('tls-fails', {'count': str(found.fails), 'reason': found.reasons[0][0]
                                    if found.reasons else '-'})  # fmt: skip
    if mode == 'enforce':
        return Advice('tls-strictest')
    waiting = _waiting(entries, today)
    if waiting or found.works < SESSIONS:
        return waiting or Advice('tls-few', {'count': str(found.works), 'needed': str(SESSIONS)})
    return Advice('tls-enforce', {'count': str(found.works)}, 'enforce')
