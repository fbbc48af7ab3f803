# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks of this app among FreedomBox's diagnostics."""

from datetime import UTC, datetime

from django.utils.translation import gettext_noop
from freedombox.diagnostic_check import DiagnosticCheck, Result

from ..status import State
from ..sync.synchronize import missing_users
from ..words import notices as words
from . import observe
from .condition import judge
from .observation import Observation

RESULTS = {
    State.WORKS: Result.PASSED,
    State.LOOK: Result.WARNING,
    State.UNKNOWN: Result.ERROR,
    State.BROKEN: Result.FAILED,
}


def to_checks(seen: Observation, now: datetime) -> list[DiagnosticCheck]:
    """One check for each finding, or a single one that passed."""
    condition = judge(seen, now)
    if not condition.findings:
        return [DiagnosticCheck('email-works', words.WORKS, Result.PASSED)]
    return [
        DiagnosticCheck(
            f'email-{finding.code}',
            gettext_noop('Mail: {finding}'),
            RESULTS[finding.state],
            {'finding': str(finding.title)},
        )
        for finding in condition.findings
    ]


def checks(enabled: bool) -> list[DiagnosticCheck]:
    """Findings of the mail system as checks."""
    return to_checks(observe.look(enabled, missing_users()), datetime.now(UTC))
