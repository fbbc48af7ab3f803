# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root's part of an observation of the mail system, as the web process gets it."""

from dataclasses import dataclass
from datetime import datetime

from ..filtering.rules_age import SpamLists
from ..mailstore.kept_mail import KeptMail
from ..maintenance.checker_answers import Unreadable
from ..sending.relay_troubles import RelayTrouble
from ..system.json_value import JsonValue
from .last_times import Times


@dataclass(frozen=True)
class Queue(JsonValue):
    """Messages that wait for delivery; with `more` set there are more than counted."""

    waiting: int
    more: bool = False
    oldest: datetime | None = None
    recipient: str = ''
    """A recipient of the oldest, whose `reason` follows."""
    reason: str = ''
    held: int = 0
    """Messages on hold, which are not among those that wait."""

    def __post_init__(self) -> None:
        if self.waiting < 0:
            raise ValueError('A queue cannot hold fewer than no messages.')


@dataclass(frozen=True)
class ChangedSettings(JsonValue):
    """A file of the daemons that was changed by something else, and the settings in it."""

    path: str
    keys: tuple[str, ...] = ()
    decides: bool = True
    """Whether a setting may decide about accepting mail."""
    line: int | None = None
    """The first line that differs; None when the file is missing, or was not looked at."""
    lines: tuple[str, ...] = ()
    """Our own lines of the difference: those beside may hold a password."""

    @property
    def place(self) -> str:
        """File and line, as compilers and editors write it."""
        return f'{self.path}:{self.line}' if self.line else self.path


@dataclass(frozen=True)
class RootPart(JsonValue):
    """The parts only root sees, each None where it could not be seen."""

    queue: Queue | None = None
    room_mb: int | None = None
    """The free room for mail."""
    drift: tuple[ChangedSettings, ...] | None = None
    keys_lost: tuple[str, ...] | None = None
    """Domains whose mail cannot be signed, as a private key is gone."""
    undone: tuple[str, ...] | None = None
    """Settings that may protect mail and are kept as an administrator undid them."""
    kept: tuple[KeptMail, ...] | None = None
    """Mail of earlier owners of addresses in use today."""
    times: Times | None = None
    unreadable: tuple[Unreadable, ...] | None = None
    relays: tuple[RelayTrouble, ...] | None = None
    """Relays that mail in the queue waits for."""
    spam_lists: SpamLists | None = None
    spam_memory: int | None = None
    """The used part of the spam filter's memory, in percent."""
