# SPDX-License-Identifier: AGPL-3.0-or-later
"""The state of the mail system as only root sees it."""

from typing import Any

from freedombox.actions import privileged

from ..activity import overview as activity_overview


@privileged
def overview_data() -> dict[str, Any]:
    """Return what the overview page shows and only root can see."""
    return activity_overview.overview_data()


@privileged
def overview_times() -> dict[str, float | None] | None:
    """Return when mail last came from another mail server, None when that cannot be seen."""
    return activity_overview.overview_times()


@privileged
def queue_retry() -> None:
    """Try to deliver all waiting mail now."""
    activity_overview.queue_retry()
