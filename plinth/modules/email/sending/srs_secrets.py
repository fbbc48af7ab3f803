# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secrets by which rewritten senders are made and known again (`sending/srs.py`).

A new one is made every two months; bounces that name an older one are taken as long as they may
come back. The file is root's, systemd hands it to the service when that starts, and it is part of
backups.

DIAGNOSTICS
    The errors of `files` when the file cannot be written.
"""

import logging
import secrets
import time
from pathlib import Path

from ..errors import MailError
from ..system import files, systemd
from ..system.files import File
from .srs import DAYS, SECRETS

FILE = Path('/var/lib/freedombox-email/srs', SECRETS)
UNIT = 'freedombox-email-srs.service'
_DAY = 24 * 3600
NEW_AFTER = 60 * _DAY
KEPT = 2 * (DAYS + 1) * _DAY
"""How long a secret still counts after the next one was made: codes without a date are made of
a fortnight, and hold until the end of the following one."""
_SECONDS = 20

logger = logging.getLogger(__name__)


def renewed(text: str, now: float) -> str:
    """The contents of the file from now on, given the present ones."""
    known = [line.split() for line in text.splitlines() if len(line.split()) == 2]
    made = [(int(moment), secret) for moment, secret in known if moment.isdecimal()]
    if not made or not 0 <= now - made[0][0] < NEW_AFTER:
        made.insert(0, (int(now), secrets.token_hex(32)))
    ends = [now, *(moment for moment, _secret in made)]
    kept = [each for each, end in zip(made, ends) if now - end < KEPT]  # noqa: B905 - one more end
    return ''.join(f'{moment} {secret}\n' for moment, secret in kept)


def follow() -> None:
    """Make the first secret, or a new one when it is time."""
    present = files.read(str(FILE))
    wanted = renewed(present.text, time.time())
    if wanted == present.text and present.mode == 0o600:
        return
    FILE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.write(str(FILE), File('file', wanted.encode(), 0o600))
    _read_again()


def _read_again() -> None:
    """Have the service read the secrets if it runs: it is given them when it starts."""
    try:
        with systemd.connected(_SECONDS) as manager:
            if manager.states((UNIT,))[UNIT].runs:
                manager.job('RestartUnit', UNIT, _SECONDS)
    except MailError as error:
        logger.warning('%s goes on with earlier secrets: %s', UNIT, error.detailed)
