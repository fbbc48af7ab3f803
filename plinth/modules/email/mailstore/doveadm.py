# SPDX-License-Identifier: AGPL-3.0-or-later
"""doveadm(1) for a folder of a mailbox, in bounded time and with errors of the folder's own."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ..directory.mailbox import Mailbox
from ..errors import MailError
from ..system import programs


@dataclass(frozen=True)
class FolderCommands:
    """The errors for a command that takes too long and for one that fails, and the time there is.

    Raises MailError with one of them, whose detail holds Dovecot's words.
    """

    slow: str
    failed: str
    seconds: float

    def run(self, command: Sequence[str], fine: Collection[int] = (0,)) -> str:
        """The output of doveadm; exit codes beside `fine` are failures."""
        try:
            ran = programs.run(['doveadm', '-f', 'json', *command], seconds=self.seconds)
        except MailError as error:
            key = self.slow if error.reason.key == programs.SLOW else self.failed
            raise MailError(key, error.detail) from error
        if ran.code not in fine:
            raise MailError(self.failed, ran.words)
        return ran.output

    def fetch(
        self, mailbox: Mailbox, fields: str, *query: str, fine: Collection[int] = (0,)
    ) -> list[dict[str, Any]]:
        """Fields of the messages that a query finds; a mailbox that is off has no mail to show."""
        if not mailbox.enabled:
            raise MailError('mailbox-off', address=mailbox.address)
        command = ['fetch', '-u', mailbox.address, fields, *query]
        found: list[dict[str, Any]] = json.loads(self.run(command, fine) or '[]')
        return found
