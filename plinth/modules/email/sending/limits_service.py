# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policy service Postfix asks about mail of users.

While it does not answer, Postfix takes mail to own domains alone: see
`config/send_policy.py`.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.send_limits import SendLimits, usual
from ..directory.store import Store
from ..errors import MailError
from ..system.smtpd_policy import serve
from . import held_notes
from .limits import FRESH_SECONDS, SendingMailbox, SendingMailboxes, SendPolicy
from .sent_counts import SentCounts


class DirectoryLook:
    """Looks for mailboxes and their limits; domains are the same for all for some seconds.

    Its connection is kept, for opening one costs more than asking; a lost one is opened again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open = contextlib.ExitStack()
        self._store: Store | None = None
        self._domains: dict[str, Domain] = {}
        self._until = 0.0

    def __call__(self, login: str) -> SendingMailbox:
        """The mailbox a login is."""
        was_open = self._store is not None
        try:
            return self._find(login)
        except MailError:
            self.close()
            if not was_open:
                raise
            return self._find(login)

    def close(self) -> None:
        """Close the connection."""
        self._store = None
        self._open.close()

    def _find(self, login: str) -> SendingMailbox:
        store = self._store = self._store or self._open.enter_context(Store())
        if self._clock() >= self._until:
            self._domains = {each.name: each for each in store.search(Domain)}
            self._until = self._clock() + FRESH_SECONDS
        return self._sender(login, store.find(Mailbox, login))

    def _sender(self, login: str, mailbox: Mailbox | None) -> SendingMailbox:
        domain = self._domains.get(login.rpartition('@')[2])
        limits = SendLimits.of(mailbox) if mailbox else SendLimits()
        limits = limits.or_else(SendLimits.of(domain) if domain else SendLimits())
        on = [each for each in self._domains.values() if each.enabled]
        names = frozenset(name for each in on for name in (each.name, each.unicode_name.lower()))
        closed, guard = (mailbox.closed, mailbox.guard) if mailbox else ('', None)
        return SendingMailbox(limits.or_else(usual()), names, closed, guard)


def main() -> None:
    """Serve the socket systemd hands over."""
    os.umask(0o077)
    folder = Path(os.environ.get('STATE_DIRECTORY', str(held_notes.FOLDER)))
    held_notes.prepare(folder)
    counts = SentCounts(folder / 'counts.sqlite3')
    policy = SendPolicy(SendingMailboxes(DirectoryLook()), counts, folder)
    try:
        serve(policy.answer)
    finally:
        counts.close()
        sys.stdout.flush()
