# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checks of this app among FreedomBox's diagnostics."""

from datetime import UTC, datetime

from freedombox import cfg
from freedombox.diagnostic_check import DiagnosticCheck, Result

from ..status import State
from ..sync.synchronize import missing_users
from ..words.text import Sentence
from . import observe
from .check_list import checks
from .condition import judge
from .health_check import HealthCheck
from .observation import Observation

RESULTS = {
    State.WORKS: Result.PASSED,
    State.LOOK: Result.WARNING,
    State.UNKNOWN: Result.ERROR,
    State.BROKEN: Result.FAILED,
}
_ORDER = list(State)


class MailCheck(DiagnosticCheck):
    """A check as FreedomBox's, told in the language of the reader.

    FreedomBox's database keeps the description and the parameters alone. They give the same
    sentence, but with a plural or a list in it, in the language of the process.
    """

    def __init__(self, id_: str, state: State, said: Sentence) -> None:
        self._said = said
        super().__init__(
            f'email-{id_}',
            said.phrase if isinstance(said.phrase, str) else said.phrase[said.params['count'] != 1],
            RESULTS[state],
            {
                'box_name': cfg.box_name,
                **{
                    name: str(Sentence('{value}', {'value': each}))
                    for name, each in said.params.items()
                },
            },
        )

    @property
    def translated_description(self) -> str:
        """The verdict."""
        return str(self._said)


def _of(check: HealthCheck) -> list[DiagnosticCheck]:
    """One for each problem, or a single one for the check."""
    if check.findings:
        return [MailCheck(each.code, each.state, each.title) for each in check.findings]
    said = Sentence('{title}: {sentence}', {'title': check.title, 'sentence': check.sentence})
    return [MailCheck(check.key, check.state, said)]


def to_checks(seen: Observation, now: datetime) -> list[DiagnosticCheck]:
    """All checks, the worst first."""
    if not seen.enabled:
        return [MailCheck(each.code, each.state, each.title) for each in judge(seen, now).findings]
    found = sorted(checks(seen, now), key=lambda each: _ORDER.index(each.state))
    return [made for check in found for made in _of(check)]


def diagnose(enabled: bool) -> list[DiagnosticCheck]:
    """The checks of the mail system, made now."""
    return to_checks(observe.look(enabled, missing_users()), datetime.now(UTC))
