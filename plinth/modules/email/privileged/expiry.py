# SPDX-License-Identifier: AGPL-3.0-or-later
"""Switches aliases off when their end has come.

NAME
    expiry - one timer of systemd for the next end, and none when nothing ends

DESCRIPTION
    Postfix cannot compare a date with the clock, so an alias that ends is switched off. That
    happens within a second, by a timer for just that moment: `expect` asks systemd for one,
    and whoever it starts switches off what has ended and asks for the next. The timer has the
    moment in its name, so asking twice gives one. At boot, and once an hour should a timer be
    lost, freedombox-email-expire.timer starts the same.

DIAGNOSTICS
    An end that cannot be asked for is logged and left to the hourly timer.
"""

import logging
import subprocess
from datetime import UTC, datetime

from ..directory.aliasing import switch_off_ended
from ..directory.store import Store

SERVICE = '/usr/lib/freedombox-email/expire'
_SECONDS = 20

logger = logging.getLogger(__name__)


def expect(end: datetime | None) -> None:
    """See that what ends at a moment is switched off then."""
    if end is None:
        return
    moment = end.astimezone(UTC)
    command = [
        'systemd-run',
        '--quiet',
        '--collect',
        f'--unit=freedombox-email-expire-{moment:%Y%m%d%H%M%S}',
        f'--on-calendar={moment:%Y-%m-%d %H:%M:%S} UTC',
        '--timer-property=AccuracySec=100ms',
        SERVICE,
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        logger.warning('No timer for the end of an alias: %s', error)
        return
    if done.returncode and 'already' not in done.stderr:
        logger.warning('No timer for the end of an alias: %s', done.stderr.strip())


def expire() -> None:
    """Switch off what has ended, and see that the next is switched off in time."""
    with Store() as store:
        for alias in switch_off_ended(store):
            logger.info('The alias %s has ended and is off.', alias.address)
        following = store.next_end()
    expect(following)
