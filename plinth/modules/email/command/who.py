# SPDX-License-Identifier: AGPL-3.0-or-later
"""The person at work, for the history: root's rights are used by a person."""

import os
import pwd
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_LOGIN = Path('/proc/self/loginuid')
"""The number of the user who logged in, whatever rights they took since; see audit(8)."""


def _by_sudo() -> str:
    return pwd.getpwnam(os.environ['SUDO_USER']).pw_name


def _by_login() -> str:
    return pwd.getpwuid(int(_LOGIN.read_text(encoding='ascii'))).pw_name


def _by_rights() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


_WAYS: tuple[Callable[[], str], ...] = (_by_sudo, _by_login, _by_rights)


def who() -> str:
    """The name of the user who gave the command, as far as the system knows it."""
    for way in _WAYS:
        with suppress(KeyError, OSError, ValueError):
            return way()
    return 'root'
