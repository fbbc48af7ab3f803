# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks of this app among FreedomBox's diagnostics."""

from datetime import UTC, datetime

from freedombox import cfg
from freedombox.diagnostic_check import DiagnosticCheck, Result

from ..status import State
from ..sync.synchronize import missing_users
from ..words import notices as words
from ..words.text import Sentence
from . import observe
from .condition import judge
from .finding import Finding
from .observation import Observation

RESULTS = {
    State.WORKS: Result.PASSED,
    State.LOOK: Result.WARNING,
    State.UNKNOWN: Result.ERROR,
    State.BROKEN: Result.FAILED,
}


class FindingCheck(DiagnosticCheck):
    """A finding as a check, told in the language of the reader.

    FreedomBox's database keeps the description and the parameters alone. They give the same
    sentence, but with a plural or a list in it, in the language of the process.
    """

    def __init__(self, finding: Finding) -> None:
        self._title = finding.title
        phrase, params = finding.title.phrase, finding.title.params
        super().__init__(
            f'email-{finding.code}',
            phrase if isinstance(phrase, str) else phrase[params['count'] != 1],
            RESULTS[finding.state],
            {
                'box_name': cfg.box_name,
                **{
                    name: str(Sentence('{value}', {'value': each})) for name, each in params.items()
                },
            },
        )

    @property
    def translated_description(self) -> str:
        """The problem."""
        return str(self._title)


def to_checks(seen: Observation, now: datetime) -> list[DiagnosticCheck]:
    """One check for each finding, or a single one that passed."""
    found = judge(seen, now).findings
    if not found:
        return [DiagnosticCheck('email-works', words.WORKS, Result.PASSED)]
    return [FindingCheck(finding) for finding in found]


def checks(enabled: bool) -> list[DiagnosticCheck]:
    """Findings of the mail system as checks."""
    return to_checks(observe.look(enabled, missing_users()), datetime.now(UTC))
