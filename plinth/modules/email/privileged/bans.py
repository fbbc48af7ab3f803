# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on households that are kept out.

DIAGNOSTICS
    The errors of `authentication.bans`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..authentication import bans


@privileged
def bans_look() -> dict[str, Any]:
    """All that are kept out now, and the rules."""
    return bans.look().to_json()


@privileged
def ban_add(network: str) -> dict[str, Any]:
    """Block the household of an address, or a network."""
    return bans.add(network).to_json()


@privileged
def ban_remove(network: str) -> list[dict[str, Any]]:
    """Unblock a household or network."""
    return [each.to_json() for each in bans.remove(network)]
