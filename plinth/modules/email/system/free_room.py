# SPDX-License-Identifier: AGPL-3.0-or-later
"""The memory and disk space that a new program can have."""

import os
import pathlib
import re
from dataclasses import dataclass

from .json_value import JsonValue

MEMINFO = pathlib.Path('/proc/meminfo')
DISK = '/var'


@dataclass(frozen=True)
class Room(JsonValue):
    """Memory and disk space in MB; None where it can't be seen."""

    memory_mb: int | None = None
    disk_mb: int | None = None

    def lacks(self, memory_mb: int, disk_mb: int) -> str:
        """Which of the two is known to be less than needed: `memory`, `disk` or ''."""
        if self.memory_mb is not None and self.memory_mb < memory_mb:
            return 'memory'
        if self.disk_mb is not None and self.disk_mb < disk_mb:
            return 'disk'
        return ''


def look(meminfo: pathlib.Path = MEMINFO, disk: str = DISK) -> Room:
    """The room there is now; memory is what programs can have without others being swapped out."""
    return Room(_memory_mb(meminfo), _disk_mb(disk))


def _memory_mb(meminfo: pathlib.Path) -> int | None:
    try:
        found = re.search(r'(?m)^MemAvailable: *(\d+) kB$', meminfo.read_text(encoding='ascii'))
    except (OSError, ValueError):
        return None
    return int(found[1]) * 1024 // 1_000_000 if found else None


def _disk_mb(disk: str) -> int | None:
    try:
        found = os.statvfs(disk)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize // 1_000_000
