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

import itertools
import json
import logging
import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, TypeVar

from ..config import undoing
from ..config.state import WantedState
from ..directory.store import Store
from ..dkim import key_state
from ..dns import local_facts
from ..filtering import memories, rules_age
from ..filtering.rules_age import SpamLists
from ..mailstore import kept_mail
from ..maintenance import readable
from ..maintenance.setup import wanted_state
from ..sending import relay_troubles
from ..sending.relay_troubles import RelayTrouble
from ..system import programs
from ..transaction import pins, transaction
from . import traffic
from .last_times import Times
from .root_part import ChangedSettings, Queue, RootPart

Stamps = tuple[WantedState, tuple[tuple[int, int, int] | None, ...]]
Seen = TypeVar('Seen')

logger = logging.getLogger(__name__)
_known_drift: tuple[Stamps, tuple[ChangedSettings, ...]] | None = None

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


def read_queue(lines: list[str]) -> Queue:
    """Count, and age, recipient and reason of the oldest, from the lines of `postqueue -j`."""
    queued = [json.loads(line) for line in lines]
    messages = [message for message in queued if message.get('queue_name') != 'hold']
    oldest: dict[str, Any] = min(messages, key=itemgetter('arrival_time'), default={})
    reasons = Counter(reason for message in messages for reason in _reasons(message))
    words = _reasons(oldest) or [reason for reason, _count in reasons.most_common(1)]
    return Queue(
        waiting=min(len(messages), LONGEST_COUNT),
        more=len(queued) > LONGEST_COUNT,
        oldest=datetime.fromtimestamp(oldest['arrival_time'], UTC) if oldest else None,
        recipient=_recipient(oldest),
        reason=words[0][:LONGEST_REASON] if words else '',
        held=len(queued) - len(messages),
    )


def _queue() -> Queue:
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


def _changed(drift: transaction.Drift) -> ChangedSettings:
    """A difference as the web side gets it: our own lines, for those beside may hold a password."""
    lines = tuple(line for line in drift.lines if line[:1] in ('+', '-', '@'))
    return ChangedSettings(
        path=drift.path,
        keys=drift.keys,
        decides=any(undoing.decides(drift.path, key) for key in drift.keys or ('',)),
        line=first_line(drift.lines),
        lines=lines[:MOST_LINES],
    )


def _drift() -> tuple[ChangedSettings, ...]:
    """The files that are not as this app wants them.

    Reading them all takes longer than the rest of a page, so an answer holds until a file,
    or what should be in them, has changed.
    """
    global _known_drift  # noqa: PLW0603 - one per process, that is its purpose
    state = wanted_state()
    paths = sorted({pins.PATH, *(edit.path for edit in state.edits), *state.absent})
    seen = state, tuple(map(_stamp, paths))
    if _known_drift is None or _known_drift[0] != seen:
        _known_drift = seen, tuple(map(_changed, transaction.check(state)))
    return _known_drift[1]


def _keys_lost() -> tuple[str, ...]:
    """Domains whose mail cannot be signed, as a private key is gone."""
    return tuple(domain for domain in local_facts.domains()[0] if key_state.lost(domain))


def _undone() -> tuple[str, ...]:
    """Settings that may protect mail and are kept as an administrator undid them."""
    loose = {pin.key for pin in pins.load() if not undoing.is_harmless(pin.path, pin.key)}
    return tuple(sorted(loose))


def _kept() -> tuple[kept_mail.KeptMail, ...]:
    """Mail of earlier owners of addresses in use today."""
    with Store() as store:
        return kept_mail.waiting(store)


def _relays() -> tuple[RelayTrouble, ...]:
    """Relays that mail in the queue waits for."""
    return relay_troubles.look().found


def _spam_lists() -> SpamLists:
    """The lists that Rspamd fetched."""
    return rules_age.look()


def _times() -> Times:
    """When mail last came from another mail server, and the like."""
    return traffic.look()


def _seen(look: Callable[[], Seen]) -> Seen | None:
    """The result of a look, None when it fails."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - one part never hides the others
        logger.warning('Cannot look at the mail system (%s): %s', look.__name__, error)
        return None


def overview_data() -> RootPart:
    """Root's part of the overview."""
    return RootPart(
        queue=_seen(_queue),
        room_mb=_seen(mail_room),
        drift=_seen(_drift),
        keys_lost=_seen(_keys_lost),
        undone=_seen(_undone),
        kept=_seen(_kept),
        times=_seen(_times),
        unreadable=_seen(readable.look),
        relays=_seen(_relays),
        spam_lists=_seen(_spam_lists),
        spam_memory=_seen(memories.percent_used),
    )


def overview_times() -> Times | None:
    """The last times of mail, None when they cannot be seen."""
    return _seen(_times)
