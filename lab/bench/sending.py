# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cost of sending limits: the rate at which users hand in mail, and the service's part."""

import json
import statistics
import sys
import time
from dataclasses import asdict
from pathlib import Path

from .. import container
from ..host import LabError, run
from ..settings import BOX, OUTSIDE, OUTSIDE_USERS
from . import boxes, usage
from .results import Goal, Results
from .submit import HandedOver, Handover

COUNT = 2000
_UNIT = 'freedombox-email-limits.service'
_SOCKET = '/var/spool/postfix/freedombox-email-limits/policy'
_SENDER = Path(__file__).with_name('submit.py')
_ASKER = Path(__file__).with_name('ask_limits.py')


def _cpu() -> float:
    """Milliseconds of processor time the service has used."""
    words = ['systemctl', 'show', _UNIT, '--property=CPUUsageNSec', '--value']
    text = container.execute(BOX, words).stdout.strip()
    return int(text) / 1e6 if text.isdecimal() else 0.0


def _hand_in(count: int) -> HandedOver:
    """Have ten users hand in mail to strangers at the same time."""
    local, _at, domain = OUTSIDE_USERS[0].address.partition('@')
    people = [[user.address, user.password] for user in boxes.USERS]
    plan = Handover(BOX.ip, people, f'{local}+{{}}@{domain}', count, 8 * 1024, int(time.time()))
    words: list[str | Path] = ['nsenter', f'--target={container.leader(OUTSIDE)}', '--net', '--',
             sys.executable, '-I', _SENDER]  # fmt: skip
    return HandedOver(**json.loads(run(words, stdin=json.dumps(asdict(plan)), timeout=900).stdout))


def _ask(number: int) -> list[float]:
    """Milliseconds of the service for each message, asked one after the other."""
    words = ['python3', '-I', '-', _SOCKET, boxes.USERS[0].address, str(number)]
    answer = container.execute(BOX, words, stdin=_ASKER.read_text(encoding='utf-8'))
    times: list[float] = json.loads(answer.stdout)
    return times


def measure_all(results: Results, count: int = COUNT) -> None:
    """Measure the service by itself, then with Postfix and everything behind it."""
    boxes.start_afresh(BOX)
    _ask(20)
    usage.wait_until_quiet()
    begin = _cpu()
    times = _ask(count)
    cpu = (_cpu() - begin) / count
    results.figure('sending limits, ms for each message', statistics.median(times),
                   Goal(1, False, False))  # fmt: skip
    results.figure('the slowest of 100, ms', statistics.quantiles(times, n=100)[-1])
    results.figure('processor time, ms for each message', cpu, Goal(0.3, False, False))
    usage.wait_until_quiet()
    begin = _cpu()
    found = _hand_in(count)
    if found.answers or found.taken != count:
        raise LabError(f'The box refused mail of its users: {found.answers}')
    rate = found.taken / found.seconds
    results.figure('handed in per second, all limits on (8 KB)', rate, Goal(50, True, False))
    cpu = (_cpu() - begin) / count
    results.figure('processor time then, ms for each message', cpu, Goal(0.3, False, False))
