# SPDX-License-Identifier: AGPL-3.0-or-later
"""Memory and processor time, read from the host's side of a machine."""

import re
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .. import container
from ..settings import Machine

_SERVICE = re.compile(r'/([^/]+\.service)(?:/|$)')
_MAIL = re.compile(r'postfix|dovecot|rspamd|redis|slapd|freedombox-email')
_QUIET_SHARE = 0.15
_SETTLED = 110
"""Longer than the 100 s (Postfix) and 60 s (Dovecot) an idle process stays."""


def wait_until_quiet(seconds: float = 60) -> bool:
    """Wait until the processors have little to do; return whether that came to be.

    Work a box has left for later (indexing) must not be paid for by the other one.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if _busy_share(1.0) < _QUIET_SHARE:
            return True
    return False


def wait_until_idle(machine: Machine, seconds: float = 60) -> bool:
    """Wait until a machine has little to do, whatever others do; whether that came to be."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = cpu_seconds(machine)
        time.sleep(1)
        if cpu_seconds(machine) - before < _QUIET_SHARE:
            return True
    return False


def _busy_share(seconds: float) -> float:
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    return (after[0] - before[0]) / max(1, after[1] - before[1])


def _ticks() -> tuple[int, int]:
    """The ticks spent working and all ticks of this host."""
    words = Path('/proc/stat').read_text(encoding='ascii').split('\n', 1)[0].split()
    values = [int(word) for word in words[1:9]]
    return sum(values) - values[3] - values[4], sum(values)


def _group(pid: int | str) -> str:
    """The control group of a process in the unified hierarchy."""
    lines = Path(f'/proc/{pid}/cgroup').read_text(encoding='utf-8').splitlines()
    return next((line[3:] for line in lines if line.startswith('0::')), '')


def _machine_group(machine: Machine) -> str:
    return '/' + _group(container.leader(machine)).split('/')[1]


def _folder(machine: Machine) -> Path:
    """The control group of a machine in the file system."""
    mounts = Path('/proc/self/mounts').read_text(encoding='utf-8').splitlines()
    mount = next(line.split()[1] for line in mounts if line.split()[2] == 'cgroup2')
    return Path(f'{mount}{_machine_group(machine)}')


def _cpu(group: Path) -> float:
    """The seconds a control group has used processors."""
    return int((group / 'cpu.stat').read_text(encoding='ascii').split()[1]) / 1e6


def cpu_seconds(machine: Machine) -> float:
    """The processor time a machine has used since it was booted."""
    return _cpu(_folder(machine))


def cpu_by_unit(machine: Machine) -> dict[str, float]:
    """The processor time of each service of a machine, and of the rest of it."""
    folder = _folder(machine)
    total, found = _cpu(folder), dict[str, float]()
    for group in folder.rglob('*.service'):
        with suppress(FileNotFoundError):
            title = _title(group.name)
            found[title] = found.get(title, 0.0) + _cpu(group)
    return {**found, 'other work of the box': total - sum(found.values())}


def processes(machine: Machine, titles: Collection[str]) -> Iterator[tuple[str, Path]]:
    """The processes of some services of a machine: the service and the folder in /proc."""
    prefix = _machine_group(machine) + '/'
    for process in Path('/proc').glob('[0-9]*'):
        with suppress(OSError):
            group = _group(process.name)
            service = _SERVICE.search(group) if group.startswith(prefix) else None
            if service and (title := _title(service[1])) in titles:
                yield title, process


def memory(machine: Machine) -> dict[str, float]:
    """The memory of each mail service in MiB, shared pages counted in part (PSS)."""
    prefix, total = _machine_group(machine) + '/', Counter[str]()
    for process in Path('/proc').glob('[0-9]*'):
        try:
            group = _group(process.name)
            service = _SERVICE.search(group) if group.startswith(prefix) else None
            if service and _MAIL.match(service[1]):
                total[_title(service[1])] += _pss(process)
        except (OSError, ProcessLookupError):
            continue
    return {name: kib / 1024 for name, kib in total.items()}


def _title(unit: str) -> str:
    """The name of a service without that of its instance."""
    return unit.removesuffix('.service').split('@')[0]


def _pss(process: Path) -> int:
    text = (process / 'smaps_rollup').read_text(encoding='ascii')
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith('Pss:'))


def settled_memory(
    machines: Sequence[Machine], seconds: float = 400
) -> dict[Machine, dict[str, float]]:
    """Wait until memory has stopped changing (by 1 % within _SETTLED seconds), and return it."""
    end = time.monotonic() + seconds
    found = {machine: memory(machine) for machine in machines}
    kept, since = found, time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < _SETTLED:
        time.sleep(10)
        found = {machine: memory(machine) for machine in machines}
        if not all(_alike(kept[machine], found[machine]) for machine in machines):
            kept, since = found, time.monotonic()
    return found


def _alike(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    return abs(sum(before.values()) - sum(after.values())) < 0.01 * sum(after.values())
