# SPDX-License-Identifier: AGPL-3.0-or-later
"""The wanted state of all mail daemons."""

from .antivirus import antivirus_state
from .dovecot import dovecot_state
from .facts import Facts
from .postfix import postfix_state
from .rspamd import rspamd_state
from .state import WantedState


def system_state(facts: Facts) -> WantedState:
    """The whole wanted state.

    The scanner comes first and the door to the outside last, so that following the
    units in their order never lets mail in unfiltered.
    """
    return (
        antivirus_state(facts) + rspamd_state(facts) + dovecot_state(facts) + postfix_state(facts)
    )
