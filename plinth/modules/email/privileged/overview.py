# SPDX-License-Identifier: AGPL-3.0-or-later
"""The state of the mail system as only root sees it."""

from typing import Any

from freedombox.actions import privileged

from ..activity import overview


@privileged
def overview_data() -> dict[str, Any]:
    """Root's part of the overview."""
    return overview.overview_data().to_json()


@privileged
def overview_times() -> dict[str, float | None] | None:
    """The last times of mail, None when they cannot be seen."""
    times = overview.overview_times()
    return times.to_json() if times else None
