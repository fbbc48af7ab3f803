# SPDX-License-Identifier: AGPL-3.0-or-later
"""Helpers of the mail services that are stopped, by what does not work without them.

A mail service that is stopped has a finding of its own, and its helpers are not looked at.
"""

from collections.abc import Iterator, Mapping

from ..authentication.guesses import COUNTER_UNIT
from ..status import State, Verdict
from .finding import Finding, Remedy

LIMITS, TLS = 'freedombox-email-limits.socket', 'freedombox-email-tls-policy.socket'
FORWARDING = ('freedombox-email-srs.socket', 'freedombox-email-srs-filter.socket')
NEEDED = {LIMITS: 'helper-limits', TLS: 'helper-tls', **dict.fromkeys(FORWARDING, 'helper-srs')}
"""Helpers without which mail is refused or waits, and the finding that says so."""
_SAID = {*NEEDED, COUNTER_UNIT}
"""Helpers with a finding of their own, the counter's in `guards`."""
_REPAIR = (Remedy('repair', repair='setup'),)


def findings(running: Mapping[str, bool] | None) -> Iterator[Finding]:
    """The helpers that are stopped, by their consequence."""
    if running is None:
        yield Finding(
            Verdict(State.UNKNOWN, 'helpers-unknown'), answer=Verdict(State.UNKNOWN, 'unchecked')
        )
        return
    stopped = [unit for unit, runs in running.items() if not runs]
    for code in dict.fromkeys(NEEDED[unit] for unit in stopped if unit in NEEDED):
        broken = Verdict(State.BROKEN, code)
        yield Finding(broken, '', _REPAIR, broken)
    if others := [unit for unit in stopped if unit not in _SAID]:
        named = Verdict(State.LOOK, 'helpers', {'names': ', '.join(others)})
        yield Finding(named, '', _REPAIR)
