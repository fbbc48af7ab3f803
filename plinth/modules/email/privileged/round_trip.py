# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the test message of the set-up.

DIAGNOSTICS
    The errors of `sending.round_trip`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..sending import round_trip


@privileged
def round_trip_look(user: str) -> dict[str, Any] | None:
    """The test message a user has under way, and the answer to it."""
    found = round_trip.look(user)
    return found.to_json() if found else None


@privileged
def round_trip_send(user: str, to: str) -> dict[str, Any]:
    """Send a test message from the mailbox of a user to an address elsewhere."""
    return round_trip.send(user, to).to_json()
