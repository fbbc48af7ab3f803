# SPDX-License-Identifier: AGPL-3.0-or-later
"""Services that keep guessers of passwords out; mail goes on without them."""

from collections.abc import Iterator, Mapping

from ..authentication.guesses import COUNTER_UNIT
from ..status import State, Verdict
from .finding import Finding, Remedy

COUNTER = COUNTER_UNIT
BLOCKER = 'fail2ban'
GUARDS = (COUNTER, BLOCKER)
"""Units of them, as systemd names them."""
_UNCHECKED = Verdict(State.UNKNOWN, 'unchecked')


def findings(running: Mapping[str, bool] | None) -> Iterator[Finding]:
    """The services that are stopped. FreedomBox can turn fail2ban off, and its page on again."""
    if running is None:
        yield Finding(Verdict(State.UNKNOWN, 'guards-unknown'), answer=_UNCHECKED)
        return
    if not running.get(COUNTER, True):
        start = Remedy('repair', repair='setup')
        yield Finding(Verdict(State.LOOK, 'guards-counter'), '', (start,))
    if not running.get(BLOCKER, True):
        turn_on = Remedy('security', page='security:index')
        yield Finding(Verdict(State.LOOK, 'guards-blocker'), '', (turn_on,))
