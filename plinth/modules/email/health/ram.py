# SPDX-License-Identifier: AGPL-3.0-or-later
"""The memory there is for mail services, and the programs the kernel ended for want of it."""

import pathlib

_MEMINFO = pathlib.Path('/proc/meminfo')
_VMSTAT = pathlib.Path('/proc/vmstat')
_BOOT = pathlib.Path('/proc/sys/kernel/random/boot_id')
_LIMITS = (
    pathlib.Path('/sys/fs/cgroup/memory.max'),
    pathlib.Path('/sys/fs/cgroup/system.slice/memory.max'),
)
"""Limits of a container, and of all services; cgroup v2 has `max` where there is none."""


def _line(text: str, name: str) -> int:
    """The number behind a name, as files in /proc have it; ValueError when there is none."""
    for line in text.splitlines():
        if line.startswith((f'{name} ', f'{name}:')):
            return int(line.split()[1])
    raise ValueError(name)


def _limits() -> list[int]:
    """Limits in bytes that hold here."""
    found = []
    for path in _LIMITS:
        try:
            found.append(int(path.read_text(encoding='ascii')))
        except (OSError, ValueError):  # no control group, or no limit
            continue
    return found


def there_mb() -> int | None:
    """Memory of this machine or container in MB; None when it does not say."""
    try:
        total = _line(_MEMINFO.read_text(encoding='ascii'), 'MemTotal') * 1024
    except (OSError, ValueError):
        return None
    return min([total, *_limits()]) // 1_000_000


def available_mb() -> int:
    """Memory that programs can still have, in MB; OSError or ValueError if it does not say."""
    return _line(_MEMINFO.read_text(encoding='ascii'), 'MemAvailable') * 1024 // 1_000_000


def kills() -> int | None:
    """Number of programs the kernel ended for want of memory since it started, if it says so."""
    try:
        return _line(_VMSTAT.read_text(encoding='ascii'), 'oom_kill')
    except (OSError, ValueError):
        return None


def boot() -> str:
    """The name of this start of the kernel; '' when it has none."""
    try:
        return _BOOT.read_text(encoding='ascii').strip()
    except OSError:
        return ''
