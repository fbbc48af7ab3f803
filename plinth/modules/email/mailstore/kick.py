# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sessions of mailboxes, ended by Dovecot, or by a signal where it does not.

`doveadm kick` of Dovecot 2.4.1 reports sessions as ended that go on: all that have opened a shared
mailbox. So those still there afterwards get a signal, by which Dovecot's process says goodbye to
its mail app and ends. A process is held by a descriptor (pidfd) while its name and user are looked
at, so the signal reaches no other that got its number.

DIAGNOSTICS
    A session that could not be ended is logged; the caller goes on.
"""

import logging
import os
import pwd
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ..config.users import MAIL_USER
from ..errors import MailError
from ..system import programs

_SECONDS = 10.0
_PATIENCE, _LOOK = 1.0, 0.05
_NO_SESSION = 68
"""The exit status of `doveadm kick` when there is none."""

logger = logging.getLogger(__name__)


def end(address: str) -> None:
    """End the sessions that have a mailbox open; where Dovecot does not run there are none."""
    try:
        ran = programs.run(['doveadm', 'kick', address], seconds=_SECONDS)
        if ran.code == 0:
            _end_left(address)
    except MailError as error:
        logger.warning('The sessions of %s could not be ended: %s', address, error.detail)
        return
    if ran.code not in (0, _NO_SESSION):
        logger.warning('The sessions of %s could not be ended: %s', address, ran.words)


def end_all(addresses: Iterable[str]) -> None:
    """End the sessions of several mailboxes."""
    for address in addresses:
        end(address)


def _end_left(address: str) -> None:
    """End sessions that go on a moment after Dovecot said that it ended them."""
    until = time.monotonic() + _PATIENCE
    while left := set(processes(address)):
        if time.monotonic() > until:
            for pid in left:
                _terminate(pid)
            return
        time.sleep(_LOOK)


def processes(address: str) -> Iterator[int]:
    """The processes that serve IMAP sessions of a mailbox, as Dovecot lists them."""
    ran = programs.run(['doveadm', '-f', 'tab', 'who', '-1', address], seconds=_SECONDS)
    head, *rows = (line.split('\t') for line in ran.output.splitlines() or [''])
    for row in rows:
        found = dict(zip(head, row, strict=False))
        if found.get('username') == address and found.get('service') == 'imap':
            yield int(found['pid'])


def _terminate(pid: int) -> None:
    """Send a signal to a process, if it is one of Dovecot's that serve mail."""
    with suppress(ProcessLookupError, FileNotFoundError):
        handle = os.pidfd_open(pid)
        try:
            place = Path(f'/proc/{pid}')
            owner = pwd.getpwnam(MAIL_USER).pw_uid
            if (place / 'comm').read_text().strip() == 'imap' and place.stat().st_uid == owner:
                signal.pidfd_send_signal(handle, signal.SIGTERM)
        finally:
            os.close(handle)
