# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on signing keys (DKIM)."""

from typing import Any

from freedombox.actions import privileged

from ..maintenance import key_rollover


@privileged
def dkim_state(domain: str) -> dict[str, Any]:
    """The state of a domain's keys; nothing secret."""
    return key_rollover.state(domain).to_json()


@privileged
def dkim_next(domain: str, wait: bool = True) -> dict[str, Any]:
    """Make the next pair of keys now, and publish its records where the box may."""
    return key_rollover.make_next(domain, wait=wait).to_json()


@privileged
def dkim_rotate(domain: str, wait: bool = True) -> dict[str, Any]:
    """Let the next pair of keys take over as soon as that is safe, at any date."""
    return key_rollover.rotate(domain, wait=wait).to_json()
