# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mailbox opened over IMAP by root, without a password.

NAME
    preauth - doveadm(1) starts Dovecot's imap as the mailbox's user, at the other end of two pipes

DESCRIPTION
    Messages come byte for byte; `doveadm fetch` replaces bytes that are no UTF-8. The pipes are no
    socket, which Dovecot takes for one of inetd and refuses.

DIAGNOSTICS
    mailbox-off      a mailbox that is off is not opened
    mailbox-silent   Dovecot did not open it, or the session took too long
"""

import imaplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ..directory.mailbox import Mailbox
from ..errors import MailError
from ..system.programs import ENVIRONMENT

_SECONDS = 120.0


class _Piped(imaplib.IMAP4):
    """A session with a program that has begun already."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._stdin, self._stdout = stdin, stdout
        super().__init__()

    def open(self, *_place: object, **_options: object) -> None:
        """Nothing is to be opened."""

    def read(self, size: int) -> bytes:
        """So many bytes of the program."""
        return self._stdout.read(size)

    def readline(self) -> bytes:
        """A line of the program."""
        return self._stdout.readline()

    def send(self, data: bytes) -> None:  # type: ignore[override]
        """Give the program a command."""
        self._stdin.write(data)
        self._stdin.flush()

    def shutdown(self) -> None:
        """The program ends with its input."""
        self._stdin.close()


@contextmanager
def opened(
    mailbox: Mailbox, seconds: float = _SECONDS, quota: bool = True
) -> Iterator[imaplib.IMAP4]:
    """A session with the mailbox, which ends after so long; it may be one without its quota."""
    if not mailbox.enabled:
        raise MailError('mailbox-off', address=mailbox.address)
    options = [] if quota else ['-o', 'quota_enforce=no']
    imap = ['doveadm', 'exec', 'imap', *options, '-u', mailbox.address]
    command = ['timeout', f'{seconds}', *imap]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
    ) as process:  # fmt: skip
        try:
            assert process.stdin  # noqa: S101
            assert process.stdout  # noqa: S101
            yield _Piped(process.stdin, process.stdout)
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailError('mailbox-silent', str(error), address=mailbox.address) from error
        finally:
            process.terminate()
