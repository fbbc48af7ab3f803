# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cost of a person's filters at delivery.

A mailbox has ten filters, none of which matches, so all are tried, and an automatic reply that goes
to no one. Messages are delivered with these rules and without, in many short turns, because the
time of a delivery drifts more than the rules add: the script is moved away and back.
"""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from .. import container, settings
from ..settings import BOX
from . import boxes
from .results import Goal, Results

COUNT, TURNS, FILTERS = 25, 41, 10
_ADDRESS = f'bench-rules@{settings.DOMAINS[0]}'
_MAIL = 'freedombox-email'


def _mail(*words: str, stdin: str | None = None) -> None:
    container.execute(BOX, [_MAIL, *words], stdin=stdin)


@contextmanager
def _prepared() -> Iterator[str]:
    """The script of a mailbox with ten filters and a reply."""
    local, _at, domain = _ADDRESS.partition('@')
    _mail('mailbox', 'add', _ADDRESS, stdin='a password for the bench\n')
    try:
        _mail('rules', 'vacation', _ADDRESS, '--text', 'Away.', '--from', '2099-01-01')
        for number in range(FILTERS):
            name = f'filter {number}'
            _mail('rules', 'add-filter', _ADDRESS, '--from', f'nobody-{number}@', '--subject', name,
                  '--list', 'news', '--any', '--folder', f'Folder {number}', name)  # fmt: skip
        yield f'/var/lib/freedombox-email/rules/mailboxes/{domain}/{local}/rules.sieve'
    finally:
        _mail('mailbox', 'remove', '--delete-mail', _ADDRESS)


def _deliver(count: int) -> float:
    """The middle time of a delivery in milliseconds."""
    return statistics.median(boxes.deliver(_ADDRESS, count))


def measure_all(results: Results, count: int = COUNT, turns: int = TURNS) -> None:
    """Measure deliveries with the rules and without them."""
    with _prepared() as script:
        _deliver(20)
        found, plain = [], []
        for turn in range(turns):
            times = {}
            for place in (script, f'{script}.off') if turn % 2 else (f'{script}.off', script):
                other = script if place != script else f'{script}.off'
                container.execute(BOX, ['sh', '-c', f'test -e {place} || mv {other} {place}'])
                times[place] = _deliver(count)
            plain.append(times[f'{script}.off'])
            found.append(times[script] - times[f'{script}.off'])
        container.execute(BOX, ['sh', '-c', f'test -e {script} || mv {script}.off {script}'])
    results.figure('a delivery without rules, ms (8 KB)', statistics.median(plain))
    results.figure(f'the time {FILTERS} filters and a reply add, ms', statistics.median(found),
                   Goal(1, False, False))  # fmt: skip
