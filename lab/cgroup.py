# SPDX-License-Identifier: AGPL-3.0-or-later
"""A control group of its own for each machine.

systemd-nspawn without a unit stays in its caller's group. Two machines started from one
group would share the groups of their services: the one's `postfix.service` would seem
populated by the other's processes, and each stop would wait 90 s for them (found by
reading cgroup.procs in one machine, which listed process 0 for each foreign process).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def _hierarchies() -> Iterator[Path]:
    """Yield where the hierarchies systemd tracks its services in are mounted."""
    for line in Path('/proc/self/mounts').read_text(encoding='utf-8').splitlines():
        _, mount, kind, options = line.split(' ')[:4]
        if kind == 'cgroup2' or (kind == 'cgroup' and 'name=systemd' in options.split(',')):
            yield Path(mount)


def _groups(name: str) -> list[Path]:
    return [mount / f'freedombox-email-{name}' for mount in _hierarchies()]


def make(name: str) -> list[Path]:
    """Make the groups of a machine and return the files to enter them by."""
    for group in _groups(name):
        group.mkdir(exist_ok=True)
    return [group / 'cgroup.procs' for group in _groups(name)]


def enter(files: list[Path]) -> None:
    """Move the calling process into groups; for use between fork and exec."""
    for file in files:
        file.write_text(str(os.getpid()), encoding='ascii')


def remove(name: str) -> None:
    """Remove the groups of a machine that has stopped."""
    for group in _groups(name):
        for folder, _, _ in os.walk(group, topdown=False):
            with suppress(OSError):
                Path(folder).rmdir()
