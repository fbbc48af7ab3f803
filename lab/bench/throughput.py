# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many messages a second a box takes and delivers."""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import container
from ..host import LabError, run, wait_for
from ..settings import OUTSIDE, Machine
from . import boxes, usage
from .load import Plan, Report

SESSIONS = 20
_SENDER = Path(__file__).with_name('load.py')
_SPOOL = 'var/spool/postfix'
_MOVING = ('maildrop', 'incoming', 'active')


@dataclass(frozen=True)
class Load:
    """One kind of load: a title for the table, size, number of messages, seconds at most."""

    title: str
    size: int
    count: int
    seconds: float


@dataclass(frozen=True)
class Throughput:
    """The result of one load. `put_off` are messages Postfix had to put off to a later try.

    It was `quiet` when nothing else kept this machine busy as the load began.
    """

    delivered: float
    accepted: float
    cpu_ms: float
    sender_cpu: float
    put_off: int
    quiet: bool
    answers: dict[str, int]


def measure(machine: Machine, load: Load, seed: int) -> Throughput:
    """Empty the mailboxes, send one load, wait for all deliveries, and count.

    The time is from the first connection until nothing is on its way in the queue any
    more. Messages put off to a later try are counted by what has arrived by then and then
    flushed, so that the box is clean for the next load.
    """
    boxes.empty(machine)
    quiet = usage.wait_until_quiet()
    cpu = usage.cpu_seconds(machine)
    report, seconds = deliver(machine, load, seed)
    usage.wait_until_quiet()
    cpu = usage.cpu_seconds(machine) - cpu
    put_off = _put_off(machine)
    delivered = boxes.count(machine)
    _check(machine, report, delivered + put_off)
    _flush(machine)
    return Throughput(
        delivered / seconds, report.taken / report.seconds, 1000 * cpu / max(delivered, 1),
        report.cpu_seconds / report.seconds, put_off, quiet, report.answers,
    )  # fmt: skip


def deliver(machine: Machine, load: Load, seed: int) -> tuple[Report, float]:
    """Send one load and wait for all deliveries; the seconds that took."""
    begin = time.monotonic()
    report = _send(machine, load, seed)
    begin += max(0.0, time.monotonic() - begin - report.seconds)
    wait_for(f'the queue of {machine.name} to be empty', lambda: not moving(machine), 300, 0.05)
    return report, time.monotonic() - begin


def _send(machine: Machine, load: Load, seed: int) -> Report:
    """Run the sender in the network of the outside mail host."""
    plan = Plan(machine.ip, [user.address for user in boxes.USERS], load.size, load.count,
                SESSIONS, load.seconds, seed)  # fmt: skip
    words: list[str | Path] = ['nsenter', f'--target={container.leader(OUTSIDE)}', '--net', '--',
             sys.executable, '-I', _SENDER]  # fmt: skip
    answer = run(words, stdin=json.dumps(asdict(plan)), timeout=load.seconds + 300).stdout
    return Report(**json.loads(answer))


def _check(machine: Machine, report: Report, known: int) -> None:
    """Raise LabError when messages were lost or doubled.

    A connection that broke after the text was sent leaves open whether it was taken.
    """
    unsure = sum(report.answers.values())
    if not report.taken <= known <= report.taken + unsure:
        raise LabError(f'{machine.name} took {report.taken} messages and {known} are there.')


def moving(machine: Machine) -> int:
    """How many messages are on their way, looking along the way they go."""
    return sum(len(list((machine.root / _SPOOL / name).glob('*'))) for name in _MOVING)


def _put_off(machine: Machine) -> int:
    """The number of the sender's messages that wait for a later try, without those of cron."""
    return sum(map(_is_the_senders, (machine.root / _SPOOL / 'deferred').rglob('*')))


def _is_the_senders(file: Path) -> bool:
    try:
        return Plan.sender.encode() in file.read_bytes()
    except (IsADirectoryError, FileNotFoundError):
        return False


def _flush(machine: Machine) -> None:
    if not _put_off(machine):
        return

    def emptied() -> bool:
        container.execute(machine, ['postqueue', '-f'])
        return not moving(machine) and not _put_off(machine)

    wait_for(f'the messages {machine.name} had put off', emptied, 300, 2)
