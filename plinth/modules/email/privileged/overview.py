# SPDX-License-Identifier: AGPL-3.0-or-later
"""The state of the mail system as only root sees it."""

from typing import Any

from freedombox.actions import privileged

from ..activity import overview as activity_overview


@privileged
def overview_data() -> dict[str, Any]:
    """Root's part of the overview."""
    return activity_overview.overview_data()


@privileged
def overview_times() -> dict[str, float | None] | None:
    """The last times of mail, None when they cannot be seen."""
    return activity_overview.overview_times()


@privileged
def queue_retry() -> None:
    """Try to deliver all waiting mail now."""
    activity_overview.queue_retry()
