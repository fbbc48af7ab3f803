# SPDX-License-Identifier: AGPL-3.0-or-later
"""Much mail at once: 2,000 messages for one mailbox, and a house of 500 mailboxes in which 50 wait.

The house is a box with this app that is thrown away afterwards.
"""

import base64
import hashlib
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from .. import container
from ..host import LabError, run, step, wait_for
from ..settings import BOX, CHECKOUT, FRESH, OUTSIDE, Machine
from . import boxes, latency, usage
from .directory import DOMAINS, MAILBOXES
from .load import Plan, Report
from .results import Goal, Results
from .steady import Steady, Waits
from .throughput import SESSIONS, moving

COUNT, TURNS = 2000, 1
SECONDS, RATE = 60, 50
_SIZE = 8 * 1024
_WATCHED = MAILBOXES[::10]
_PASSWORD = 'many-lab-password'  # noqa: S105
_AT_ONCE = 'smtpd_client_connection_count_limit=100'
"""The mail of many hosts comes from one here, and postscreen knows no exceptions."""
_DEFERRED = 'status=deferred'
_STORAGE = 'var/vmail'


def _hashed(password: str) -> str:
    """A password as slapd keeps it."""
    salt = b'bench'
    digest = hashlib.sha1(password.encode() + salt, usedforsecurity=False).digest()
    return '{SSHA}' + base64.b64encode(digest + salt).decode()


def _outside(words: Sequence[str | Path], stdin: str, seconds: float) -> str:
    """The output of a program in the network of the outside mail host."""
    inside = ['nsenter', f'--target={container.leader(OUTSIDE)}', '--net', '--', sys.executable]
    return run([*inside, *words], stdin=stdin, timeout=seconds, cwd=CHECKOUT).stdout


def _put_off(machine: Machine, cursor: str) -> int:
    """How many deliveries Postfix put off since then."""
    words = ['journalctl', '-q', '-o', 'cat', '-t', 'postfix/lmtp', f'--after-cursor={cursor}']
    return container.execute(machine, words).stdout.count(_DEFERRED)


def _cursor(machine: Machine) -> str:
    said = container.execute(machine, ['journalctl', '-n0', '--show-cursor']).stdout
    return said.partition('-- cursor: ')[2].strip()


def _stored(machine: Machine, address: str) -> int:
    """The messages of a mailbox, as they lie there."""
    name, _, domain = address.partition('@')
    folder = machine.root / _STORAGE / domain / name / 'Maildir'
    return sum(len(list((folder / part).glob('*'))) for part in ('new', 'cur'))


def _one_burst(count: int, seed: int) -> tuple[float, int]:
    """Messages a second of a burst to one mailbox, and how many deliveries were put off."""
    boxes.empty(BOX)
    usage.wait_until_quiet()
    address, cursor = boxes.USERS[0].address, _cursor(BOX)
    plan = Plan(BOX.ip, [address], _SIZE, count, SESSIONS, 300, seed)
    begin = time.monotonic()
    sender = Path(__file__).with_name('load.py')
    report = Report(**json.loads(_outside(['-I', sender], json.dumps(asdict(plan)), 600)))
    begin += max(0.0, time.monotonic() - begin - report.seconds)
    wait_for('the queue to be empty', lambda: not moving(BOX), 300, 0.05)
    seconds = time.monotonic() - begin
    found, put_off = _stored(BOX, address), _put_off(BOX, cursor)
    if report.answers or found + put_off != count:
        raise LabError(f'Of {count} messages {found} arrived, {put_off} wait: {report.answers}')
    return count / seconds, put_off


def burst(results: Results, count: int, turns: int) -> None:
    """Send a burst of different messages to one mailbox, with as many sessions as for a load."""
    boxes.start_afresh(BOX)
    found = []
    for turn in range(turns):
        with step(f'{count:,} messages for one mailbox, {turn + 1} of {turns}'):
            found.append(_one_burst(count, int(time.time())))
    rates, put_off = zip(*found, strict=True)
    results.figure(f'{count:,} messages for one mailbox: deliveries put off', max(put_off),
                   Goal(0, False, False))  # fmt: skip
    results.figure(f'{count:,} messages for one mailbox: delivered per second',
                   statistics.median(rates))  # fmt: skip


def _house() -> None:
    """Make a box with 500 mailboxes that have a known password."""
    latency.install(BOX)
    entries = [{'address': each, 'password_hash': _hashed(_PASSWORD)} for each in MAILBOXES]
    site = {'domains': [{'name': name} for name in DOMAINS], 'mailboxes': entries}
    with step('50 domains and 500 mailboxes'):
        container.execute(FRESH, ['freedombox-email', 'apply', '-'], stdin=json.dumps(site))
    container.execute(FRESH, ['postconf', '-e', boxes.NO_LIMITS, _AT_ONCE])
    container.execute(FRESH, ['systemctl', 'reload', 'postfix'])


def _bring(count: int) -> Waits:
    recipients = [MAILBOXES[number * 7 % len(MAILBOXES)] for number in range(len(MAILBOXES))]
    plan = Steady(FRESH.ip, recipients, list(_WATCHED), _PASSWORD, _SIZE, count, RATE,
                  int(time.time()))  # fmt: skip
    answer = _outside(['-m', 'lab.bench.steady'], json.dumps(asdict(plan)), count / RATE + 300)
    return Waits(**json.loads(answer))


def _all_stored() -> int:
    """The messages in all mailboxes of the house."""
    return sum(_stored(FRESH, each) for each in MAILBOXES)


def many(results: Results, seconds: int) -> None:
    """Bring 50 messages a second to 500 mailboxes while 50 mail apps wait."""
    _house()
    _bring(RATE)
    wait_for('the first messages', lambda: not moving(FRESH), 300, 0.2)
    before, count, cursor = _all_stored(), seconds * RATE, _cursor(FRESH)
    usage.wait_until_quiet()
    with step(f'{RATE} messages a second for {seconds} s'):
        seen = _bring(count)
    wait_for('the queue to be empty', lambda: not moving(FRESH), 300, 0.2)
    arrived, put_off = _all_stored() - before, _put_off(FRESH, cursor)
    print(seen.answers)
    refused = sum(seen.answers.values())
    waits = statistics.quantiles(seen.waits, n=100)
    title = f'{RATE} messages a second for 500 mailboxes'
    for what, value, goal in (
        ('lost', count - refused - arrived, 0),
        ('told to come again', refused, 0),
        ('deliveries put off', put_off, 0),
        (f'not told to one of {len(_WATCHED)} waiting mail apps', seen.missing, 0),
        ('from due until the mail app is told, middle, s', waits[49], None),
        ('from due until the mail app is told, 95 %, s', waits[94], 3),
        ('from due until the mail app is told, longest, s', max(seen.waits), None),
        ('the sender itself was late by at most, s', seen.late, None),
    ):
        limit = Goal(goal, False, False) if goal is not None else None
        results.figure(f'{title}: {what}', value, limit)


def measure_all(results: Results, count: int, turns: int, seconds: int) -> None:
    """Measure the burst on the box of the lab, then the house."""
    burst(results, count, turns)
    try:
        many(results, seconds)
    finally:
        container.discard(FRESH)
