# SPDX-License-Identifier: AGPL-3.0-or-later
"""The answer of the tab Delivery."""

import pytest

from ...directory.relay import Relay
from ...directory.routing import WaysOut
from ...status import State
from ..ways_out import of_port

RELAY = (Relay('one', 'smtp.one.test'),)
DIRECT, SOME = WaysOut(), WaysOut(True, RELAY)
STANDS_IN, ALWAYS = WaysOut(True, RELAY, False), WaysOut(False, RELAY, False)


@pytest.mark.parametrize(
    ('code', 'ways', 'state', 'title'),
    [
        ('port-25-open', DIRECT, State.WORKS, 'Mail can be delivered directly'),
        ('port-25-open', STANDS_IN, State.WORKS, 'Mail can be delivered directly'),
        ('port-25-open', ALWAYS, State.UNKNOWN, 'Sending has not been tested'),
        ('port-25-shut', DIRECT, State.BROKEN, "Mail can't leave"),
        ('port-25-shut', SOME, State.BROKEN, "Mail can't leave directly"),
        ('port-25-partly', DIRECT, State.LOOK, 'Mail can only leave over IPv6'),
        ('port-25-shut', STANDS_IN, State.LOOK, 'Mail can only leave by a relay'),
        ('port-25-spared', STANDS_IN, State.LOOK, 'Mail can only leave by a relay'),
        ('port-25-spared', DIRECT, State.BROKEN, "Mail can't leave"),
        # All mail went by a relay at the last check, and some does not any more.
        ('port-25-unneeded', DIRECT, State.UNKNOWN, 'Sending has not been tested'),
        ('port-25-unneeded', ALWAYS, State.UNKNOWN, 'Sending has not been tested'),
        ('port-25-unknown', DIRECT, State.UNKNOWN, 'Sending has not been tested'),
        ('', DIRECT, State.UNKNOWN, 'Sending has not been tested'),
    ],
)
def test_the_last_check_counts_for_mail_that_leaves_directly(
    code: str, ways: WaysOut, state: State, title: str
) -> None:
    shown = of_port(code, 'checked today', ways)
    assert (shown.state, shown.word) == (state, title)
