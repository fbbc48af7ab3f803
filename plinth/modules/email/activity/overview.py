# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root's part of an observation of the mail system, gathered in one call.

NAME
    overview - look at services, queue, room and files at once

DESCRIPTION
    Each part is looked at on its own: a part that cannot be seen comes back as None, so
    one broken thing never hides the others.

DIAGNOSTICS
    Nothing is raised for a part that cannot be seen; the reason is logged.
"""

import dataclasses
import itertools
import json
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from operator import itemgetter
from typing import Any

from ..config import undoing
from ..config.state import WantedState
from ..directory.store import Store
from ..dkim import key_state
from ..dns import local_facts
from ..mailstore import kept_mail
from ..maintenance import readable
from ..maintenance.setup import wanted_state
from ..system import programs
from ..transaction import pins, transaction
from . import traffic

Seen = tuple[WantedState, tuple[tuple[int, int, int] | None, ...]]

logger = logging.getLogger(__name__)
_known_drift: tuple[Seen, list[dict[str, Any]]] | None = None

LONGEST_COUNT = 1000
"""Messages counted one by one; a page needs no more exact number than that."""
LONGEST_REASON = 300
LONGEST_ADDRESS = 254
LISTING_SECONDS = 5
MAIL_ROOT = '/var/vmail'
MOST_LINES = 200
"""Lines of a difference that are shown."""


def mail_room() -> int:
    """The free room for mail, in MB, that daemons without root's reserve can use."""
    place = MAIL_ROOT if os.path.isdir(MAIL_ROOT) else '/var'  # noqa: PTH112
    room = os.statvfs(place)
    return room.f_bavail * room.f_frsize // 1_000_000


def _reasons(message: dict[str, Any]) -> list[str]:
    """The reasons why a message was not delivered yet, one for each recipient."""
    recipients = message.get('recipients', [])
    return [recipient['delay_reason'] for recipient in recipients if recipient.get('delay_reason')]


def _recipient(message: dict[str, Any]) -> str:
    """The first recipient a message still waits for, whom the sender may have made long."""
    addresses = [each.get('address', '') for each in message.get('recipients', [])]
    return str(addresses[0])[:LONGEST_ADDRESS] if addresses else ''


def read_queue(lines: list[str]) -> dict[str, Any]:
    """Count, and age, recipient and reason of the oldest, from the lines of `postqueue -j`."""
    messages = [json.loads(line) for line in lines]
    oldest: dict[str, Any] = min(messages, key=itemgetter('arrival_time'), default={})
    reasons = Counter(reason for message in messages for reason in _reasons(message))
    words = _reasons(oldest) or [reason for reason, _count in reasons.most_common(1)]
    return {
        'waiting': min(len(messages), LONGEST_COUNT),
        'more': len(messages) > LONGEST_COUNT,
        'oldest': oldest.get('arrival_time'),
        'recipient': _recipient(oldest),
        'reason': words[0][:LONGEST_REASON] if words else '',
    }


def _queue() -> dict[str, Any]:
    """The state of Postfix's queue.

    The listing is cut off after `LONGEST_COUNT` messages: a queue of a hundred thousand
    must not hold up a page.
    """
    with closing(programs.lines(['postqueue', '-j'], LISTING_SECONDS)) as found:
        return read_queue(list(itertools.islice(found, LONGEST_COUNT + 1)))


def _stamp(path: str) -> tuple[int, int, int] | None:
    """A stamp that changes whenever a file does, None when there is none."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def first_line(lines: Sequence[str]) -> int | None:
    """The line of the file the first difference stands at, from the lines of a unified diff."""
    at = None
    for line in lines:
        if hunk := re.match(r'@@ -(\d+)', line):
            at = max(1, int(hunk[1]))
        elif at is not None and line[:1] in ('+', '-'):
            return at
        elif at is not None:
            at += 1
    return None


def _as_data(drift: transaction.Drift) -> dict[str, Any]:
    """A difference as the web side gets it: our own lines, for those beside may hold a password."""
    lines = [line for line in drift.lines if line[:1] in ('+', '-', '@')]
    return {
        'path': drift.path,
        'line': first_line(drift.lines),
        'keys': list(drift.keys),
        'decides': any(undoing.decides(drift.path, key) for key in drift.keys or ('',)),
        'lines': lines[:MOST_LINES],
    }


def _drift() -> list[dict[str, Any]]:
    """The files that are not as this app wants them.

    Reading them all takes longer than the rest of a page, so an answer holds until a file,
    or what should be in them, has changed.
    """
    global _known_drift  # noqa: PLW0603 - one per process, that is its purpose
    state = wanted_state()
    paths = sorted({pins.PATH, *(edit.path for edit in state.edits), *state.absent})
    seen = state, tuple(map(_stamp, paths))
    if _known_drift is None or _known_drift[0] != seen:
        _known_drift = seen, [_as_data(drift) for drift in transaction.check(state)]
    return _known_drift[1]


def _keys_lost() -> list[str]:
    """Domains whose mail cannot be signed, as a private key is gone."""
    return [domain for domain in local_facts.domains()[0] if key_state.lost(domain)]


def _undone() -> list[str]:
    """Settings that may protect mail and are kept as an administrator undid them."""
    return sorted({pin.key for pin in pins.load() if not undoing.is_harmless(pin.path, pin.key)})


def _kept() -> list[dict[str, Any]]:
    """Mail of earlier owners of addresses in use today."""
    with Store() as store:
        return [dataclasses.asdict(each) for each in kept_mail.waiting(store)]


def _times() -> dict[str, float | None]:
    """When mail last came from another mail server, and the like."""
    return traffic.look().to_json()


def _seen(look: Callable[[], Any]) -> Any:
    """The result of a look, None when it fails."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - one part never hides the others
        logger.warning('Cannot look at the mail system (%s): %s', look.__name__, error)
        return None


def waiting() -> dict[str, Any] | None:
    """The state of Postfix's queue alone, None when it cannot be seen; for root."""
    found: dict[str, Any] | None = _seen(_queue)
    return found


def overview_data() -> dict[str, Any]:
    """Root's part of the overview."""
    return {
        'queue': waiting(),
        'room_mb': _seen(mail_room),
        'drift': _seen(_drift),
        'keys_lost': _seen(_keys_lost),
        'undone': _seen(_undone),
        'kept': _seen(_kept),
        'times': _seen(_times),
        'unreadable': _seen(readable.look),
    }


def overview_times() -> dict[str, float | None] | None:
    """The last times of mail, None when they cannot be seen."""
    found: dict[str, float | None] | None = _seen(_times)
    return found


def queue_retry() -> None:
    """Try to deliver all waiting mail now."""
    programs.must(['postqueue', '-f'], 'queue-failed', seconds=LISTING_SECONDS)
