# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moves of messages in Postfix's queue, by their names: hold, release, expire, delete, try now.

Postfix reads the names from its input, so there may be thousands. A name that is no longer in one
of the queues is passed over: the message was delivered meanwhile. Long names are never used again.

DIAGNOSTICS
    queue-failed    Postfix did not do it; its own words are the detail
    queue-unknown   Postfix did not say how long it keeps mail
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ..errors import MailError
from ..system import programs

Move = Literal['-d', '-f', '-h', '-H']
"""Options of `postsuper`: delete, expire (also mail on hold), hold, release."""
SECONDS = 20.0
NAME = re.compile('[0-9A-Za-z]{6,64}')
"""A name in the queue. `ALL`, which Postfix takes for every message, is none."""
_ONE_BY_ONE = 20
"""So many messages are tried singly; for more the whole queue is."""
_UNITS = {'s': 'seconds', 'm': 'minutes', 'h': 'hours', 'd': 'days', 'w': 'weeks'}
_DONE = {
    '-d': re.compile(r'Deleted: (\d+) message'),
    '-f': re.compile(r'Force-expired: (\d+) message'),
    '-h': re.compile(r'Placed on hold: (\d+) message'),
    '-H': re.compile(r'Released from hold: (\d+) message'),
}


@dataclass(frozen=True)
class Lifetimes:
    """How long Postfix keeps trying: a message, and a report of a delivery that failed."""

    message: timedelta
    report: timedelta


def move(option: Move, names: Collection[str], *queues: str) -> int:
    """Move messages, only those in the queues named; how many Postfix has moved."""
    if wrong := [name for name in names if not NAME.fullmatch(name)]:
        raise MailError('queue-id-invalid', wrong[0][:80])
    with programs.failing_as('queue-failed.move'):
        ran = programs.run(
            ['postsuper', option, '-', *queues],
            stdin=''.join(f'{name}\n' for name in names), seconds=SECONDS,
        )  # fmt: skip
    if ran.code:
        raise MailError('queue-failed.move', ran.words)
    found = _DONE[option].search(ran.errors)
    return int(found[1]) if found else 0


def try_now(names: Collection[str]) -> None:
    """Have messages tried at once; for many, all that wait are."""
    commands = (
        [['postqueue', '-i', name] for name in names]
        if len(names) <= _ONE_BY_ONE
        else [['postqueue', '-f']]
    )
    for command in commands:
        programs.must(command, 'queue-failed', seconds=SECONDS)


def queue_time(text: str) -> timedelta:
    """A time as Postfix writes it; days where it says no unit."""
    found = re.fullmatch(r'\s*(\d{1,6})\s*([smhdw]?)\s*', text)
    if not found:
        raise MailError('queue-unknown', text)
    return timedelta(**{_UNITS[found[2] or 'd']: int(found[1])})


def lifetimes() -> Lifetimes:
    """How long Postfix keeps trying, as it is set."""
    names = 'maximal_queue_lifetime', 'bounce_queue_lifetime'
    output = programs.must(['postconf', '-x', *names], 'queue-unknown', seconds=SECONDS).output
    found = dict(line.split(' = ', 1) for line in output.splitlines() if ' = ' in line)
    return Lifetimes(*(queue_time(found.get(name, '')) for name in names))
