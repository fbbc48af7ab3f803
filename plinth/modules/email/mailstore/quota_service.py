# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policy service Postfix asks about the quota of each recipient; see `quota_policy`.

It has no rights besides reading the directory and Dovecot's notes on usage. When a mailbox reaches
another level it leaves a note, and root tells the owner (`maintenance/quota_warnings.py`).
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from ..config.mailbox_room import QUOTA_SOCKET
from ..directory import resolve
from ..directory.store import Store
from ..directory.view import StoreView
from ..errors import MailError
from ..system.smtpd_policy import serve
from . import fullness
from .fullness import Fullness, Quotas
from .quota_policy import PASSES, QuotaPolicy, Sources
from .usage import Usages

FOLDER = Path('/var/lib/freedombox-email-quota')
TELL = 'tell'
NEWS = 'levels'
FRESH_SECONDS = 10.0
_DOVECOT_SECONDS = 1.5
_PAUSE_SECONDS = 30.0
_LONGEST_ANSWER = 4096
Found = TypeVar('Found')


class Dovecot:
    """Dovecot's word on whether a message fits; while it hangs it is not asked."""

    def __init__(self, path: str = QUOTA_SOCKET, clock: Callable[[], float] = time.monotonic):
        self._path, self._clock = path, clock
        self._until = 0.0

    def is_full(self, address: str, size: int) -> bool:
        """Whether a message of this size does not fit; OSError when that cannot be said."""
        if self._clock() < self._until:
            return False
        asked = f'request=smtpd_access_policy\nrecipient={address}\nsize={size}\n\n'
        try:
            return self._ask(asked.encode()) != f'action={PASSES}'.encode()
        except OSError:
            self._until = self._clock() + _PAUSE_SECONDS
            raise

    def _ask(self, asked: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_DOVECOT_SECONDS)
            line.connect(self._path)
            line.sendall(asked)
            answer = b''
            while not answer.endswith(b'\n\n') and len(answer) < _LONGEST_ANSWER:
                more = line.recv(_LONGEST_ANSWER)
                if not more:
                    raise ConnectionError('Dovecot did not answer')
                answer += more
        return answer.strip()


class DirectoryQuotas:
    """The directory over a connection that is kept; a lost one is opened again."""

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()
        self._store: Store | None = None

    def _asked(self, ask: Callable[[Store], Found]) -> Found:
        was_open = self._store is not None
        try:
            return ask(self._connected())
        except MailError:
            self._store = None
            self._open.close()
            if not was_open:
                raise
            return ask(self._connected())

    def _connected(self) -> Store:
        self._store = self._store or self._open.enter_context(Store())
        return self._store

    def quotas(self) -> Quotas:
        """All quotas."""
        return self._asked(fullness.quotas)

    def resolve(self, address: str) -> resolve.Path:
        """The path of an address."""
        return self._asked(lambda store: resolve.resolve(StoreView(store), address))


class Looks:
    """Looks at directory and notes, believed for some seconds; tells of other levels."""

    def __init__(
        self,
        quotas: Callable[[], Quotas],
        usages: Callable[[], Mapping[str, int]],
        tell: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quotas, self._usages, self._tell, self._clock = quotas, usages, tell, clock
        self._until = 0.0
        self._found = Fullness()
        self._levels: dict[str, int] = {}

    def __call__(self) -> Fullness:
        """How full everything is; what is known counts while the directory does not answer."""
        if self._clock() >= self._until:
            self._until = self._clock() + FRESH_SECONDS
            with contextlib.suppress(MailError):
                self._found = fullness.look(self._quotas(), self._usages())
                self._note_levels()
        return self._found

    def _note_levels(self) -> None:
        levels = fullness.levels(self._found.quotas, self._found.usages)
        if levels != self._levels:
            self._levels = levels
            with contextlib.suppress(OSError):
                self._tell()


def note_levels(folder: Path = FOLDER) -> None:
    """Leave a note that levels changed."""
    (folder / TELL / NEWS).touch()


def main() -> None:
    """Serve the socket systemd hands over."""
    os.umask(0o077)
    directory = DirectoryQuotas()
    looks = Looks(directory.quotas, Usages().look, note_levels)
    policy = QuotaPolicy(Sources(looks, directory.resolve, Dovecot().is_full))
    serve(policy.answer, looks)
