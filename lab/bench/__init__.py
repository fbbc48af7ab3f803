# SPDX-License-Identifier: AGPL-3.0-or-later
"""`./box bench`: our box and FreedomBox's built-in app, side by side in one run.

Each load goes to one box and then to the other, over and over, so that whatever changes on
this machine meanwhile hits both. How everything is measured, and why, is in doc/bench.md.
"""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .. import container, dns, life, settings
from ..host import LabError, step
from ..settings import BOX, BUILTIN, FRESH, Machine
from . import (
    boxes,
    burst,
    directory,
    forwarding,
    latency,
    memories,
    programs,
    quotas,
    rule_pages,
    rules,
    second_look,
    sending,
    setup_pages,
    usage,
)
from .results import Results
from .throughput import Load, measure

TABLE = settings.CHECKOUT / 'doc/bench-table.md'
DIRECTORY_TABLE = settings.CHECKOUT / 'doc/bench-directory.md'
SENDING_TABLE = settings.CHECKOUT / 'doc/bench-sending.md'
STORAGE_TABLE = settings.CHECKOUT / 'doc/bench-storage.md'
FORWARDING_TABLE = settings.CHECKOUT / 'doc/bench-forwarding.md'
RULES_TABLE = settings.CHECKOUT / 'doc/bench-rules.md'
MEMORIES_TABLE = settings.CHECKOUT / 'doc/bench-memories.md'
BURST_TABLE = settings.CHECKOUT / 'doc/bench-burst.md'
SETUP_TABLE = settings.CHECKOUT / 'doc/bench-setup.md'
PROGRAMS_TABLE = settings.CHECKOUT / 'doc/bench-programs.md'
_TIMES = 5
_FORWARDED, _FEW = 800, 60
_KIB = 1024


@dataclass(frozen=True)
class Amount:
    """How much is measured."""

    turns: int
    loads: tuple[Load, Load]
    dead_dns: Load
    repetitions: int
    requests: int
    installs: int


FULL = Amount(
    5,
    (Load('8 KB', 8 * _KIB, 2000, 120), Load('200 KB', 200 * _KIB, 1500, 120)),
    Load('8 KB, DNS never answers', 8 * _KIB, 1000, 20),
    repetitions=3,
    requests=20,
    installs=2,
)
QUICK = Amount(
    1,
    (Load('8 KB', 8 * _KIB, 60, 60), Load('200 KB', 200 * _KIB, 20, 60)),
    Load('8 KB, DNS never answers', 8 * _KIB, 40, 6),
    repetitions=1,
    requests=3,
    installs=0,
)


def main(*, quick: bool = False, only: Sequence[str] = ()) -> None:
    """Measure, print the tables and, unless it is a quick try, write them for the README.

    All parts, one after the other, or only those that are named. A quick try of all leaves out
    what takes long.
    """
    for name, part in _PARTS_BY_NAME.items():
        if name in only or not (only or (quick and name not in _QUICK_PARTS)):
            part(quick)


def _measure_bursts(quick: bool) -> None:
    """Measure much mail at once, and the second look at a message for several mailboxes."""
    results = Results()
    life.up()
    amount = (100, 1, 4) if quick else (burst.COUNT, burst.TURNS, burst.SECONDS)
    burst.measure_all(results, *amount)
    second_look.measure_all(results, 1 if quick else second_look.TURNS)
    text = results.burst_table()
    print(text)
    if not quick:
        BURST_TABLE.write_text(text, encoding='utf-8')


def _measure_setup(quick: bool) -> None:
    """Measure what mail apps ask, the QR code of a device, and the guide."""
    results = Results()
    life.up()
    setup_pages.measure_all(results, *((5, 3) if quick else (setup_pages.COUNT, setup_pages.CODES)))
    text = results.setup_table()
    print(text)
    if not quick:
        SETUP_TABLE.write_text(text, encoding='utf-8')


def _measure_rules(quick: bool) -> None:
    """Measure the cost of a person's filters, and pages of a house with many rules."""
    results = Results()
    life.up()
    rules.measure_all(results, *((20, 1) if quick else (rules.COUNT, rules.TURNS)))
    rule_pages.measure_all(results, 3 if quick else rule_pages.COUNT)
    text = results.rules_table()
    print(text)
    if not quick:
        RULES_TABLE.write_text(text, encoding='utf-8')


def _measure_sending(quick: bool) -> None:
    """Measure the cost of sending limits."""
    results = Results()
    life.up()
    sending.measure_all(results, 100 if quick else sending.COUNT)
    text = results.sending_table()
    print(text)
    if not quick:
        SENDING_TABLE.write_text(text, encoding='utf-8')


def _measure_quotas(quick: bool) -> None:
    """Measure the cost of the question about quotas."""
    results = Results()
    life.up()
    quotas.measure_all(results, *((100, 1) if quick else (quotas.COUNT, quotas.TURNS)))
    text = results.storage_table()
    print(text)
    if not quick:
        STORAGE_TABLE.write_text(text, encoding='utf-8')


def _measure_forwarding(quick: bool) -> None:
    """Measure the rate of forwarding."""
    life.up()
    count, turns = (_FEW, 1) if quick else (_FORWARDED, _TIMES)
    text = forwarding.measure_all(count, turns, int(time.time()))
    print(text)
    if not quick:
        FORWARDING_TABLE.write_text(text, encoding='utf-8')


def _measure_directory(_quick: bool) -> None:
    """Measure the cost of a full directory."""
    results = Results()
    try:
        life.up()
        directory.measure_all(results, int(time.time()), _TIMES)
        text = results.directory_table()
    finally:
        container.discard(FRESH)
    print(text)
    DIRECTORY_TABLE.write_text(text, encoding='utf-8')


def _compare(quick: bool) -> None:
    """Measure this app beside the built-in one."""
    results = Results()
    try:
        boxes.prepare()
        _Run(QUICK if quick else FULL, results).all()
        text = results.table()
    finally:
        container.stop(BUILTIN)
        container.discard(FRESH)
    print(text)
    if not quick:
        TABLE.write_text(text, encoding='utf-8')


def _measure_programs(quick: bool) -> None:
    """Measure the processor time of each program, with the filter and without it."""
    life.up()
    boxes.start_afresh(BOX)
    load, turns = (programs.TRIAL, 1) if quick else (programs.LOAD, programs.TURNS)
    text = programs.measure_all(load, turns, int(time.time()))
    print(text)
    if not quick:
        PROGRAMS_TABLE.write_text(text, encoding='utf-8')


def _measure_memories(quick: bool) -> None:
    """Measure how well a mailbox's memory judges mail."""
    life.up()
    text = memories.measure_all(*(((5, 50), 60) if quick else ()))
    print(text)
    if not quick:
        MEMORIES_TABLE.write_text(text, encoding='utf-8')


_PARTS_BY_NAME: Mapping[str, Callable[[bool], None]] = {
    'compare': _compare,
    'programs': _measure_programs,
    'forwarding': _measure_forwarding,
    'full-directory': _measure_directory,
    'limits': _measure_sending,
    'quotas': _measure_quotas,
    'filters': _measure_rules,
    'setup': _measure_setup,
    'memories': _measure_memories,
    'bursts': _measure_bursts,
}
"""The parts in the order they are measured in."""
_QUICK_PARTS = ('compare', 'forwarding', 'setup')
"""The parts of a quick try of all."""


def _dns_answers() -> bool:
    """Whether the lab's DNS server answers a question for the root zone."""
    question = bytes.fromhex('0001010000010000000000000000060001')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.settimeout(1)
        connection.sendto(question, (settings.DNS, 53))
        try:
            return bool(connection.recv(512))
        except TimeoutError:
            return False


@dataclass(frozen=True)
class _Run:
    """All that is measured, in the order it is measured in."""

    amount: Amount
    results: Results
    seed: int = int(time.time())

    def all(self) -> None:
        """Measure everything."""
        for machine in boxes.BOXES:
            with step(f'Warming up {machine.name}'):
                measure(machine, QUICK.loads[0], self.seed)
                boxes.check_scanned(machine)
        amount, both = self.amount, boxes.BOXES
        boxes.in_turn(both, 'Waiting times', amount.repetitions, self._latency)
        for load in amount.loads:
            boxes.in_turn(both, load.title, amount.turns, self._load(load, plain=BOX))
        self._memory()
        boxes.in_turn(both, amount.dead_dns.title, amount.repetitions, self._without_dns)
        boxes.in_turn(both, 'Installing', amount.installs, self._install)

    def _load(self, load: Load, plain: Machine | None = None) -> Callable[[Machine, int], None]:
        """The sender of this load to a box; both get the same messages, one also unfiltered."""

        def action(machine: Machine, number: int) -> None:
            found = measure(machine, load, self.seed + number)
            self.results.throughput(load.title, machine, found)
            if machine == plain:
                with boxes.unfiltered(machine):
                    bare = measure(machine, load, self.seed + number)
                self.results.no_filter(load.title, machine, found, bare)

        return action

    def _without_dns(self, machine: Machine, number: int) -> None:
        """Load a box that has no answer to any question, not even a remembered one."""
        container.execute(machine, ['resolvectl', 'flush-caches'])
        dns.stop_answering()
        try:
            self._load(self.amount.dead_dns)(machine, number)
            if _dns_answers():
                raise LabError('Something else in the lab has started the DNS server meanwhile.')
        finally:
            dns.answer_again()

    def _latency(self, machine: Machine, _number: int) -> None:
        usage.wait_until_quiet()
        times = self.amount.requests
        for title, ask in (
            ("the app's page, ms", latency.page),
            ('login on the web page, ms', latency.web_login),
            ('IMAP session until logged in, ms', latency.imap_login),
        ):
            self.results.add(title, machine, ask(machine, times))

    def _memory(self) -> None:
        with step('Memory, once it has settled'):
            for machine, found in usage.settled_memory(boxes.BOXES).items():
                self.results.memory(machine, found)

    def _install(self, machine: Machine, _number: int) -> None:
        self.results.add('from the click on Install to done, s', machine,
                         latency.install(machine))  # fmt: skip
