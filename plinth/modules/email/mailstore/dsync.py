# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail copied by Dovecot (doveadm-backup(1), doveadm-sync(1)), and files beside it moved.

DIAGNOSTICS
    copy-failed  Dovecot could not copy everything; the detail has its words
    copy-slow    it took too long and was ended; it goes on from there when done again
"""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..config.builtin_copy import CHANGED_MEANWHILE
from ..errors import MailError
from ..system import nofollow, programs

SCRIPTS = ('sieve', '.dovecot.sieve')
TRIES = 5
"""Dovecot mends a damaged folder when it meets one, and has to be asked again afterwards."""
SECONDS = 3600
"""How long while mail is stopped, or a person waits: what is left can be fetched later."""


def run_as(account: str, name: str, command: tuple[str, ...], seconds: float) -> tuple[int, str]:
    """Run a program as a system user, about the mail of `name`; its code and complaints."""
    env = {'PATH': '/usr/bin:/bin', 'USER': name, 'HOME': '/nonexistent'}
    try:
        ran = programs.run(command, account=account, env=env, seconds=seconds)
    except MailError as error:
        if error.reason.key == programs.SLOW:
            raise MailError('copy-slow', error.detail, name=name) from error
        raise MailError('copy-failed.not-run', error.detail, program=command[0]) from error
    return ran.code, ran.errors.strip()[-programs.MOST_WORDS :]


def sync(account: str, name: str, command: tuple[str, ...], seconds: float = SECONDS) -> None:
    """Have Dovecot copy until nothing is left; messages it complains of are not copied."""
    until = time.monotonic() + seconds
    for _ in range(TRIES):
        code, words = run_as(account, name, command, until - time.monotonic())
        if not code and 'Error:' not in words:
            return
    if code == CHANGED_MEANWHILE:
        return
    raise MailError('copy-failed.mail', words, name=name)


def move(names: Sequence[str], source: Path, target: Path) -> None:
    """Move the files of these names that are there from one folder into another."""
    with nofollow.folder(source) as here, nofollow.folder(target) as there:
        for name in names:
            with suppress(FileNotFoundError):
                os.rename(name, name, src_dir_fd=here, dst_dir_fd=there)
