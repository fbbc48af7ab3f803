# SPDX-License-Identifier: AGPL-3.0-or-later
"""Samples of mail traffic taken from where it is counted: stories, queue, mailboxes.

NAME
    sampling - what freedombox-email-samples.timer does

DIAGNOSTICS
    A part that cannot be seen is told in the journal and stays unknown in the samples.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import TypeVar

from ..errors import MailError
from ..mailstore.usage import Usages
from ..system import programs
from ..system.box_zone import box_zone
from . import metrics, trace_door
from .hourly_counts import HOUR
from .samples import Samples

Result = TypeVar('Result')
_SECONDS = 60
_WEEK = 7 * 24 * HOUR
"""A story may change as long as its message can wait, which is five days."""
logger = logging.getLogger(__name__)


def take_counts(samples: Samples, now: float) -> None:
    """Take the counts of the last week from the stories of messages."""
    first, counts = trace_door.counts(now - _WEEK)
    samples.keep_counts(first, counts, now)


def take_queue(samples: Samples, now: float) -> int:
    """Sample the length of the queue."""
    with closing(programs.lines(['postqueue', '-j'], _SECONDS)) as lines:
        length = sum(1 for _line in lines)
    samples.keep_queue(length, now)
    return length


def take_used(samples: Samples, now: float) -> None:
    """Sample the storage of mailboxes, of which the last of a day is kept."""
    samples.keep_used(datetime.fromtimestamp(now, box_zone()).date(), Usages().look())


def _publish(samples: Samples, queue: int | None, now: float) -> None:
    from .overview import mail_room  # slow to import

    metrics.publish(samples, queue, mail_room() * 10**6, now)


def _taken(take: Callable[[Samples, float], Result], samples: Samples, now: float) -> Result | None:
    """The result of a part, None where it cannot be seen."""
    try:
        return take(samples, now)
    except (OSError, ValueError, sqlite3.Error, MailError) as error:
        logger.warning('No samples are taken (%s): %s', take.__name__, error)
        return None


def take_all() -> None:
    """Take all samples; a part that cannot be seen keeps no other back."""
    now = time.time()
    with Samples() as samples:
        _taken(take_counts, samples, now)
        queue = _taken(take_queue, samples, now)
        _taken(take_used, samples, now)
        samples.prune(datetime.fromtimestamp(now, box_zone()))
        if metrics.is_on():
            _publish(samples, queue, now)
