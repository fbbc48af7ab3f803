# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on where and when administrators are told of problems.

DIAGNOSTICS
    The errors of `sending.telling`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..sending import telling


@privileged
def telling_confirm(code: str) -> dict[str, Any]:
    """Use the address outside that a code was sent to."""
    return telling.confirm(code).to_json()


@privileged
def telling_set(address: str, quiet_from: int | None, quiet_until: int | None) -> dict[str, Any]:
    """Choose an address outside, which gets a code, and quiet hours."""
    return telling.choose(address, quiet_from, quiet_until).to_json()
