# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether administrators get the monthly report. It is off while a file is there."""

from pathlib import Path

from ..system import files

OFF = Path('/etc/freedombox-email/no-monthly-report')


def is_on(path: Path = OFF) -> bool:
    """Whether it is sent."""
    return not path.exists()


def choose(on: bool, path: Path = OFF) -> None:
    """Have it sent or not."""
    if on:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(mode=0o755, exist_ok=True)
    files.put(path, b'', 0o644)
