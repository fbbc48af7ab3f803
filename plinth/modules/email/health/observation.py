# SPDX-License-Identifier: AGPL-3.0-or-later
"""An observation of the mail system at one moment; None stands for parts that could not be seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..activity.last_times import Times
from ..activity.root_part import ChangedSettings, Queue
from ..backup.last_backup import LastBackup
from ..directory.departures import Missing
from ..filtering.rules_age import SpamLists
from ..mailstore.kept_mail import KeptMail
from ..maintenance.checker_answers import Unreadable
from ..sending.relay_troubles import RelayTrouble
from ..status import State, Verdict
from ..system.certificates import Certificate
from ..words.text import Sentence
from .versions import Outdated


@dataclass(frozen=True)
class Records:
    """The last check of a domain's records: how many problems there are, and the first of them."""

    domain: str
    checked: datetime | None
    """None when the domain has not been checked."""
    count: int = 0
    names: tuple[str | Sentence, ...] = ()
    keeps_out: bool = False
    """Whether no mail of other servers can arrive."""
    outgoing: Verdict | None = None
    """The verdict on outgoing connections, if mail needs them."""
    reach: Verdict | None = None
    """The finding of another box at port 25, if it could tell."""
    apps: Verdict | None = None
    """The verdict on ports or settings that mail apps don't get, if there is one."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict, hash=False)
    """Verdicts on the box itself, by their roles."""

    @property
    def state(self) -> State:
        """The state of the domain by this check alone."""
        if self.checked is None:
            return State.UNKNOWN
        if self.keeps_out:
            return State.BROKEN
        return State.LOOK if self.count else State.WORKS


@dataclass(frozen=True)
class Directory:
    """Contents of the directory."""

    primary: str | None
    domains: tuple[str, ...]
    mailboxes: int
    undecided: tuple[str, ...] = ()
    """Domains of which no administrator has said who receives mail there."""
    unused: tuple[str, ...] = ()
    """Domains in which no one is to receive mail."""
    client_hosts: tuple[str, ...] = ()
    """Names mail apps connect to that are no domains."""
    unnamed_hosts: tuple[str, ...] = ()
    """Those of them that are no names of FreedomBox, so there can't be a certificate."""


@dataclass(frozen=True)
class Observation:
    """An observation at one moment; None stands for parts that could not be seen."""

    enabled: bool
    units: Mapping[str, bool] | None = None
    queue: Queue | None = None
    directory: Directory | None = None
    certificates: tuple[Certificate, ...] | None = None
    drift: tuple[ChangedSettings, ...] | None = None
    undone: tuple[str, ...] | None = None
    """Settings that may protect mail and are kept as an administrator undid them."""
    room_mb: int | None = None
    outdated: tuple[Outdated, ...] | None = None
    keys_lost: tuple[str, ...] | None = None
    records: tuple[Records, ...] | None = None
    kept: tuple[KeptMail, ...] | None = None
    times: Times | None = None
    unreadable: tuple[Unreadable, ...] | None = None
    relays: tuple[RelayTrouble, ...] | None = None
    inodes: int | None = None
    """Files that can still be made, in percent."""
    memory_mb: int | None = None
    """Memory that programs can still have."""
    synchronized: bool | None = None
    """Whether a time server keeps the clock right."""
    spam_lists: SpamLists | None = None
    spam_memory: int | None = None
    backup: LastBackup | None = None
    missing: Missing = field(default_factory=Missing)
    guards: Mapping[str, bool] | None = field(default_factory=dict)
    """Which of the services run that keep guessers of passwords out."""
    helpers: Mapping[str, bool] | None = field(default_factory=dict)
    """Which of the helpers run whose services do."""
    reachable: bool = True
    """Whether a domain here can have a public name, so that others can write to it."""
