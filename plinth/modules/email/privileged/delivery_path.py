# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way of mail to an address, by the look-ups Postfix makes."""

from typing import Any

from freedombox.actions import privileged

from ..activity import delivery_path


@privileged
def resolve(address: str) -> dict[str, Any]:
    """The path of an address, its allowed senders, and Postfix's own answers."""
    return delivery_path.resolve(address).to_json()
