# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sessions of mail apps, ended at once.

Dovecot ends those that read mail. Connections by which mail is handed in do not say by which
password they were opened; the kernel ends all of them, and mail apps open them again.

DIAGNOSTICS
    A session that could not be ended is logged; the caller goes on.
"""

import logging

from ..config.closed import DEVICE
from ..errors import MailError
from ..mailstore import kick
from ..system import programs

logger = logging.getLogger(__name__)

_SECONDS = 20.0
_NO_SESSION = 68
"""The exit status of `doveadm kick` when there is none."""
_SUBMISSION = '( sport = :465 or sport = :587 )'


def _run(command: list[str], what: str, fine: tuple[int, ...] = (0,)) -> None:
    """Run a program whose failure is for the log."""
    try:
        ran = programs.run(command, seconds=_SECONDS)
    except MailError as error:
        logger.warning('The sessions of %s could not be ended: %s', what, error.detail)
        return
    if ran.code not in fine:
        logger.warning('The sessions of %s could not be ended: %s', what, ran.words)


def end(address: str) -> None:
    """End the sessions of a mailbox."""
    kick.end(address)
    _end_submissions(address)


def end_of_device(key_id: str) -> None:
    """End the sessions of an app password."""
    command = ['doveadm', 'kick', '-f', DEVICE, key_id]
    _run(command, f'the app password {key_id}', (0, _NO_SESSION))
    _end_submissions(key_id)


def _end_submissions(what: str) -> None:
    """End all connections by which users hand in mail."""
    _run(['ss', '--kill', '--tcp', '--no-header', _SUBMISSION], what)
