# SPDX-License-Identifier: AGPL-3.0-or-later
"""A control group of its own for each machine.

systemd-nspawn without a unit stays in its caller's group. Two machines started from one
group would share the groups of their services: the one's `postfix.service` would seem
populated by the other's processes, and each stop would wait 90 s for them (found by
reading cgroup.procs in one machine, which listed process 0 for each foreign process).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .host import LabError, wait_for


def _hierarchies() -> Iterator[tuple[Path, str]]:
    """Yield where the hierarchies systemd tracks its services in are mounted, with their kinds."""
    for line in Path('/proc/self/mounts').read_text(encoding='utf-8').splitlines():
        _, mount, kind, options = line.split(' ')[:4]
        if kind == 'cgroup2' or (kind == 'cgroup' and 'name=systemd' in options.split(',')):
            yield Path(mount), kind


def _groups(name: str) -> list[Path]:
    return [mount / f'freedombox-email-{name}' for mount, _kind in _hierarchies()]


def _memory_group(name: str) -> Path | None:
    """The group that can limit a machine's memory; None where this host has no such thing."""
    for line in Path('/proc/self/cgroup').read_text(encoding='utf-8').splitlines():
        _, controllers, own = line.split(':', 2)
        if controllers == 'memory':
            return Path(f'/sys/fs/cgroup/memory{own}', f'freedombox-email-{name}')
    return next((group for group in _groups(name) if (group / 'memory.max').exists()), None)


def make(name: str, memory_mb: int = 0) -> list[Path]:
    """Make the groups of a machine and return the files to enter them by.

    With `memory_mb` the machine has no more memory than that, and no swap.
    """
    groups = _groups(name)
    for group in groups:
        group.mkdir(exist_ok=True)
    if memory_mb:
        limited = _memory_group(name)
        if limited is None:
            raise LabError('This machine cannot limit the memory of another one.')
        limited.mkdir(exist_ok=True)
        limit = limited / 'memory.limit_in_bytes'
        limit = limit if limit.exists() else limited / 'memory.max'
        limit.write_text(str(memory_mb * 1_000_000), encoding='ascii')
        groups = list(dict.fromkeys([*groups, limited]))
    return [group / 'cgroup.procs' for group in groups]


def _unified(name: str) -> list[Path]:
    mounts = [mount for mount, kind in _hierarchies() if kind == 'cgroup2']
    return [mount / f'freedombox-email-{name}' for mount in mounts]


def cpu_files(name: str) -> list[Path]:
    """Where the kernel says how long the processes of a group, once it is made, used processors."""
    return [group / 'cpu.stat' for group in _unified(name)]


def can_freeze(name: str) -> bool:
    """Whether the processes of a group can be held still here."""
    return any((group / 'cgroup.freeze').exists() for group in _unified(name))


@contextmanager
def frozen(name: str) -> Iterator[None]:
    """Hold all processes of a group still meanwhile."""
    (group,) = _unified(name)
    events = group / 'cgroup.events'
    try:
        (group / 'cgroup.freeze').write_text('1', encoding='ascii')
        wait_for(f'{name} to hold still', lambda: 'frozen 1' in events.read_text('ascii'), 20)
        yield
    finally:
        (group / 'cgroup.freeze').write_text('0', encoding='ascii')


def enter(files: list[Path], pid: int = 0) -> None:
    """Move a process, the calling one unless named, into groups; for use between fork and exec."""
    for file in files:
        file.write_text(str(pid or os.getpid()), encoding='ascii')


def remove(name: str) -> None:
    """Remove the groups of a machine that has stopped."""
    for group in filter(None, [*_groups(name), _memory_group(name)]):
        for folder, _, _ in os.walk(group, topdown=False):
            with suppress(OSError):
                Path(folder).rmdir()
