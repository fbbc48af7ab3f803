# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processor time of each program per message, with the filter and without it.

The kernel counts the time of each unit exactly (`cpu.stat` of its control group). Postfix and
Dovecot are several programs in one unit: their processes are looked at while the load runs, and
what ended between two looks is the rest of the unit.
"""

import statistics
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..host import LabError, step
from ..settings import BOX
from . import boxes, usage
from .results import versions, where
from .throughput import Load, deliver

LOAD = Load('8 KB', 8 * 1024, 2000, 120)
TRIAL = Load('8 KB', 8 * 1024, 800, 60)
TURNS = 3
_TITLES = ('with the filter', 'without it')
_HEAD = (
    '| milliseconds per message of 8 KB | with the filter | without it | the filter |',
    '|---|---:|---:|---:|',
)
_SPLIT = ('postfix', 'dovecot')
_PAUSE = 0.25
_LEAST = 0.05
Times = Mapping[str, float]


@dataclass
class _Watch:
    """The processes of a box: the time each had used when it was first and last seen."""

    first: dict[int, float] = field(default_factory=dict)
    last: dict[int, tuple[str, float]] = field(default_factory=dict)

    def look(self) -> None:
        """Look at all processes of Postfix and Dovecot."""
        is_first = not self.last
        for unit, process in usage.processes(BOX, _SPLIT):
            with suppress(OSError, ValueError, IndexError):
                used, number = _used(process), int(process.name)
                name = process.joinpath('comm').read_text(encoding='utf-8').strip()
                self.first.setdefault(number, used if is_first else 0.0)
                self.last[number] = (f'{unit}: {name}', used)

    def programs(self) -> dict[str, float]:
        """Seconds by program, since the first look."""
        found: dict[str, float] = defaultdict(float)
        for number, (name, used) in self.last.items():
            found[name] += used - self.first[number]
        return found


def _used(process: Path) -> float:
    """Seconds a process, all of its threads, has been running."""
    tasks = process.joinpath('task').glob('[0-9]*/schedstat')
    return sum(int(task.read_text(encoding='ascii').split()[0]) for task in tasks) / 1e9


@contextmanager
def _watched() -> Iterator[_Watch]:
    """Look at the processes of the box meanwhile."""
    watch, over = _Watch(), threading.Event()
    watch.look()

    def look() -> None:
        while not over.wait(_PAUSE):
            watch.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
        watch.look()


def _measure(load: Load, seed: int) -> Times:
    """Milliseconds of each program for each message of a load, and of all together."""
    boxes.empty(BOX)
    usage.wait_until_idle(BOX)
    before = usage.cpu_by_unit(BOX)
    with _watched() as watch:
        deliver(BOX, load, seed)
        usage.wait_until_idle(BOX)
    units = {name: used - before.get(name, 0.0)
             for name, used in usage.cpu_by_unit(BOX).items()}  # fmt: skip
    arrived = boxes.count(BOX)
    if arrived != load.count:
        raise LabError(f'{arrived} of {load.count} messages arrived.')
    programs = watch.programs()
    times = {name: used for name, used in units.items() if name not in _SPLIT}
    split = sum(units[name] for name in _SPLIT)
    times |= {**programs, 'ended between two looks': split - sum(programs.values())}
    return {name: 1000 * used / load.count for name, used in times.items()}


def measure_all(load: Load, turns: int, seed: int) -> str:
    """The table of all programs."""
    found: dict[str, list[Times]] = defaultdict(list)
    with step('Warming up'):
        deliver(BOX, Load('8 KB', load.size, 100, 60), seed)
    for turn in range(turns):
        with step(f'{_TITLES[0]}, {turn + 1} of {turns}'):
            found[_TITLES[0]].append(_measure(load, seed + turn))
        with step(f'{_TITLES[1]}, {turn + 1} of {turns}'), boxes.unfiltered(BOX):
            found[_TITLES[1]].append(_measure(load, seed + turn))
    return _table(*(found[title] for title in _TITLES))


def _middle(times: list[Times], name: str) -> float:
    return statistics.median(each.get(name, 0.0) for each in times)


def _total(times: list[Times]) -> float:
    return statistics.median(sum(each.values()) for each in times)


def _table(with_it: list[Times], without: list[Times]) -> str:
    """The result in Markdown: programs that take time, those the filter costs most first."""
    names = {name for times in (*with_it, *without) for name in times}
    rows = [(name, _middle(with_it, name), _middle(without, name)) for name in names]
    shown = sorted((row for row in rows if max(row[1:]) >= _LEAST), key=lambda row: -row[1])
    total = ('all', _total(with_it), _total(without))
    lines = [f'| {name} | {ours:.2f} | {plain:.2f} | {ours - plain:.2f} |'
             for name, ours, plain in (total, *shown)]  # fmt: skip
    below = f'{where()}. Middle values. `./box bench --programs` repeats it.'
    return '\n'.join([*_HEAD, *lines, '', versions((BOX, 'this app')), below]) + '\n'
