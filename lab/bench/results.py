# SPDX-License-Identifier: AGPL-3.0-or-later
"""The numbers of a run, and the table made of them."""

import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .. import container
from ..host import LabError
from ..settings import BOX, BUILTIN, Machine
from .throughput import SESSIONS, Throughput

_HEAD = (
    '| | this app | built-in app | ratio | goal |',
    '|---|---:|---:|---:|---|',
)
_PACKAGES = ('freedombox', 'postfix', 'dovecot-core', 'rspamd')
_FASTER = {'8 KB': 1.9, '200 KB': 1.7}
"""By how much this app has to be faster with a load."""
_TOTAL = 'memory of all mail services, MiB'


@dataclass(frozen=True)
class Goal:
    """A goal: at least or at most so much, of the built-in app's or in all."""

    limit: float
    at_least: bool
    of_built_in: bool

    def reached(self, value: float) -> bool:
        """Whether a value, or a ratio if the goal is one, reaches it."""
        return value >= self.limit if self.at_least else value <= self.limit

    def verdict(self, value: float) -> str:
        """The goal in words, and whether a value or a ratio reaches it."""
        return f'{self}: {"reached" if self.reached(value) else "**not reached**"}'

    def __str__(self) -> str:
        word = 'at least' if self.at_least else 'at most'
        return f'{word} {self.limit:g}{" x built-in" if self.of_built_in else ""}'


_OF_NO_FILTER = Goal(0.6, at_least=True, of_built_in=False)


@dataclass
class BenchRow:
    """One measure of both boxes, each repeated as often as there are values."""

    title: str
    goal: Goal | None = None
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def ratios(self) -> list[float]:
        """Ours as part of theirs in each turn, where both boxes have a number for it.

        The two of a turn are measured one right after the other, so what slows this machine
        down for some minutes slows down both.
        """
        if len(self.ours) != len(self.theirs):
            return []
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    def line(self) -> str:
        """The row in Markdown; a number only one box has is left out in the other."""
        ratios = self.ratios()
        cells = [self.title, _cell(self.ours), _cell(self.theirs), _cell(ratios, _ratio)]
        return f'| {" | ".join(cells)} | {self._verdict(ratios)} |'

    def _verdict(self, ratios: Sequence[float]) -> str:
        """The goal and whether the middle value reaches it, '' without a goal."""
        if self.goal is None:
            return ''
        return self.goal.verdict(statistics.median(ratios if self.goal.of_built_in else self.ours))


def _number(value: float) -> str:
    return f'{value:.0f}' if value >= 100 else f'{value:.1f}'


def _ratio(value: float) -> str:
    return f'{value:.0f}' if value >= 10 else f'{value:.2f}'


def _cell(values: Sequence[float], show: Callable[[float], str] = _number) -> str:
    """The middle value, and in brackets from where to where they went."""
    if not values:
        return '-'
    middle = show(statistics.median(values))
    if len(values) == 1:
        return middle
    return f'{middle} ({show(min(values))} to {show(max(values))})'


class Results:
    """All numbers of a run, in the order they came."""

    def __init__(self) -> None:
        self._rows: dict[str, BenchRow] = {}
        self._figures: list[str] = []
        self._sender: list[float] = []
        self._disturbed = 0

    def add(self, title: str, machine: Machine, value: float, goal: Goal | None = None) -> None:
        """Keep one number of one box."""
        row = self._rows.setdefault(title, BenchRow(title, goal))
        (row.ours if machine == BOX else row.theirs).append(value)

    def figure(self, title: str, value: float, goal: Goal | None = None) -> None:
        """Keep one number of a box with a full directory."""
        text = f'{value:.2f}' if value < 10 else _number(value)
        self._figures.append(f'| {title} | {text} | {goal.verdict(value) if goal else ""} |')

    def throughput(self, load: str, machine: Machine, found: Throughput) -> None:
        """Keep the numbers of a load."""
        dead = 'DNS' in load
        if found.answers and not dead:
            raise LabError(f'{machine.name} refused mail: {dict(found.answers)}')
        goal = Goal(30, True, False) if dead else Goal(_FASTER[load], True, True)
        self.add(f'{load}: delivered per second', machine, found.delivered, goal)
        self.add(f'{load}: accepted per second', machine, found.accepted)
        self.add(f'{load}: processor time of the box per message, ms', machine, found.cpu_ms)
        if found.put_off:
            self.add(f'{load}: put off to a later try', machine, found.put_off)
        if found.answers:
            self.add(f'{load}: not taken at the first try', machine, sum(found.answers.values()))
        self._sender.append(found.sender_cpu)
        self._disturbed += not found.quiet

    def no_filter(
        self, load: str, machine: Machine, filtered: Throughput, plain: Throughput
    ) -> None:
        """Keep the numbers of a load that no filter looked at, beside those of the same turn."""
        self.add(f'{load}, no filter at all: delivered per second', machine, plain.delivered)
        self.add(f'{load}, no filter at all: processor time of the box per message, ms', machine,
                 plain.cpu_ms)  # fmt: skip
        part = filtered.delivered / plain.delivered
        self.add(f'{load}: part of the no-filter rate', machine, part, _OF_NO_FILTER)

    def memory(self, machine: Machine, found: Mapping[str, float]) -> None:
        """Keep the memory of the services of one box."""
        self.add(_TOTAL, machine, sum(found.values()), Goal(1, False, True))
        for service, size in sorted(found.items()):
            self.add(f'of which {service}', machine, size)

    def table(self) -> str:
        """The whole result in Markdown, with the facts needed to read it."""
        lines = [*_HEAD, *(row.line() for row in self._rows.values()), '']
        share = 100 * statistics.median(self._sender)
        conditions = (
            f'{where()}, which the boxes and the sender share ({SESSIONS} sessions; it took '
            f'{share:.0f} % of a core). Middle values, in brackets the lowest and the highest; '
            'the ratio is the middle one of those of each turn. '
            '`./box bench` repeats it.'
        )
        both = versions((BOX, 'this app'), (BUILTIN, 'built-in app'))
        return '\n'.join([*lines, both, conditions + self._warning()]) + '\n'

    def sending_table(self) -> str:
        """The cost of sending limits in Markdown."""
        return self._figures_table('mail that users hand in')

    def storage_table(self) -> str:
        """The cost of the question about quotas in Markdown."""
        return self._figures_table('whether a recipient has room, 500 mailboxes with quotas')

    def rules_table(self) -> str:
        """The cost of rules at delivery and on pages in Markdown."""
        return self._figures_table('rules')

    def setup_table(self) -> str:
        """The waiting times of setting up in Markdown."""
        return self._figures_table('setting up mail apps and the box')

    def burst_table(self) -> str:
        """Bursts, and a house of many, in Markdown."""
        return self._figures_table('much mail at once')

    def directory_table(self) -> str:
        """The cost of a full directory in Markdown."""
        return self._figures_table('with 50 domains, 500 mailboxes, 10,000 aliases')

    def _figures_table(self, title: str) -> str:
        head = [f'| {title} | this app | goal |', '|---|---:|---|']
        lines = [*head, *self._figures, '', versions((BOX, 'this app'))]
        return '\n'.join([*lines, f'{where()}. `./box bench` repeats it.']) + '\n'

    def _warning(self) -> str:
        if not self._disturbed:
            return ''
        return f' **{self._disturbed} loads began while this machine was busy with other work.**'


def where() -> str:
    """The day and the machine of the measurement."""
    return f'Measured on {datetime.now(UTC):%d %B %Y} on {os.cpu_count()} cores'


def versions(*machines: tuple[Machine, str]) -> str:
    """The versions of the measured software."""
    texts = []
    for machine, name in machines:
        words = ['dpkg-query', '-W', '-f', '${Package} ${Version}, ', *_PACKAGES]
        found = container.execute(machine, words).stdout.rstrip(', ')
        texts.append(f'{name}: {found}')
    same = {text.partition(': ')[2] for text in texts}
    return f'{same.pop()}.' if len(same) == 1 else '; '.join(texts) + '.'
