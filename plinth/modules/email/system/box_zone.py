# SPDX-License-Identifier: AGPL-3.0-or-later
"""The time zone of the box, as its page Date & Time sets it."""

import os
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

LOCALTIME = '/etc/localtime'


def box_zone() -> tzinfo:
    """The time zone of the box, UTC where none is set."""
    name = os.path.realpath(LOCALTIME).partition('/zoneinfo/')[2]
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):
        return UTC
