# SPDX-License-Identifier: AGPL-3.0-or-later
"""Switches aliases off when their end has come.

NAME
    expiry - one timer of systemd for the next end, and none when nothing ends

DESCRIPTION
    Postfix cannot compare a date with the clock, so an alias that ends is switched off. That
    happens within a second, by a timer for just that moment: `expect` sets it to the next end
    of all, and what it starts (`due`) switches off what has ended and sets it again. However many
    aliases end, and however often users change their minds, there is one timer. At boot, and
    once an hour should it be lost, freedombox-email-expire.timer starts the same.

DIAGNOSTICS
    An end that cannot be asked for is logged and left to the hourly timer.
"""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from ..directory.alias import Alias
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs.aliases import switch_off_ended
from ..errors import MailError
from ..system import files, systemd

UNIT = 'freedombox-email-expire-next'
"""The timer, and another name of the service it starts."""
LOCK = Path('/run/freedombox-email-expire.lock')
_SECONDS = 20

logger = logging.getLogger(__name__)


def _set(moment: datetime) -> str:
    """Have the one timer go off at a moment; its complaint."""
    with systemd.connected(_SECONDS) as manager:
        done = manager.set_timer(UNIT, f'{moment:%Y-%m-%d %H:%M:%S} UTC', _SECONDS)
    return '' if done == systemd.DONE else done


def _next_end() -> datetime | None:
    with Store() as store:
        return store.next_end()


def expect(end: datetime | None) -> None:
    """See that aliases that expire at a moment, or before it, are switched off then."""
    if end is None:
        return
    try:
        # Read under the lock: of two at once, the later one sees both ends.
        with files.locked(LOCK, _SECONDS):
            following = max(_next_end() or end, datetime.now(UTC) + timedelta(seconds=1))
            complaint = _set(following.astimezone(UTC))
    except MailError as error:
        complaint = str(error.detailed)
    except OSError as error:
        complaint = str(error)
    if complaint:
        logger.warning('No timer for the end of an alias: %s', complaint)


Watched = TypeVar('Watched', bound=Alias | Mailbox)


def watched(entry: Watched) -> Watched:
    """An entry that was added or changed, for which what is planned is done in time from now on."""
    planned = (entry.expires, entry.handover if isinstance(entry, Mailbox) else None)
    expect(min((moment for moment in planned if moment), default=None))
    return entry


def switch_off(store: Store) -> None:
    """Switch off expired aliases."""
    for alias in switch_off_ended(store):
        logger.info('The alias %s has ended and is off.', alias.address)
