# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on samples of mail traffic.

DIAGNOSTICS
    The errors of `activity.traffic_history` and `metrics`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..activity import metrics, traffic_history


@privileged
def traffic_look(span: str) -> dict[str, Any]:
    """Traffic and storage of the last day, week or month."""
    return traffic_history.look(span).to_json()


@privileged
def metrics_set(on: bool) -> None:
    """Publish metrics for Prometheus, or no longer."""
    metrics.switch(on)
