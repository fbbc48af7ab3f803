# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cost of a second look at a message for several mailboxes, by a memory that has learned."""

import json
import statistics
import time

from .. import container
from ..host import step, wait_for
from ..settings import BOX
from . import boxes, usage
from .load import Plan, messages
from .results import Results

TURNS = 15
_COUNT, _ENOUGH, _SIZE = 30, 6, 3000
_LINE = 'X-FreedomBox-Score: 1.0'


def _move(source: str, target: str, seed: int) -> None:
    """Move some messages between folders, which teaches the filter."""
    user = boxes.USERS[0]
    plan = Plan(BOX.ip, [user.address], _SIZE, _ENOUGH, 1, 0, seed)
    with boxes.log_in(BOX, user) as session:
        for _recipient, message in messages(plan):
            session.append(source, '', '', message.removesuffix(b'.\r\n'))
        session.select(source)
        session.xatom('MOVE', f'1:{_ENOUGH}', target)


def _learned() -> bool:
    said = container.execute(BOX, ['freedombox-email', 'spam', 'show', '--json']).stdout
    found = json.loads(said)['mailboxes'][boxes.USERS[0].address]
    return bool(min(found['junk'], found['wanted']) >= _ENOUGH)


def measure_all(results: Results, turns: int) -> None:
    """Deliver messages with a score and without, in turns."""
    boxes.empty(BOX)
    seed = int(time.time())
    _move('INBOX', 'Junk', seed)
    boxes.empty(BOX)
    _move('Junk', 'INBOX', seed + 1)
    wait_for('both kinds to be learned', _learned, 60, 1)
    boxes.empty(BOX)
    usage.wait_until_quiet()
    times: dict[str, list[float]] = {'': [], _LINE: []}
    with step('Second looks'):
        for _turn in range(turns):
            for line, found in times.items():
                found.extend(boxes.deliver(boxes.USERS[0].address, _COUNT, line))
    once, twice = (statistics.median(found) for found in times.values())
    results.figure('delivery of a message, ms', once)
    results.figure('delivery of a message for several mailboxes to each, ms', twice)
