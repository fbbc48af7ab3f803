# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on files of many entries.

DIAGNOSTICS
    The errors of `maintenance.site_file`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..maintenance import site_file


@privileged
def site_preview(kind: str, upload: str) -> dict[str, Any]:
    """The plan of a CSV or YAML file, and its mark."""
    return site_file.preview(kind, upload).to_json()


@privileged
def site_apply(kind: str, upload: str, mark: str) -> dict[str, Any]:
    """Import a CSV or YAML file, all of it or nothing, if its plan has this mark."""
    return site_file.apply(kind, upload, mark).to_json()


@privileged
def site_progress() -> int:
    """How many hundredths of a running import are done, 0 when none runs."""
    return site_file.progress()
