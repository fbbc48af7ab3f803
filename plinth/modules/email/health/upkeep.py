# SPDX-License-Identifier: AGPL-3.0-or-later
"""Findings about the machine and its upkeep: memory, files, the clock, spam lists, backups."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..status import State, Verdict
from . import reported
from .check_facts import CheckFacts
from .finding import Finding, Remedy
from .observation import Observation

INODES_SCARCE, INODES_GONE = 10, 1
"""Percent of the files a file system can hold."""
MEMORY_SCARCE_MB = 100
SPAM_MEMORY_FULL = 80
"""Percent of its memory."""
LISTS_OLD = timedelta(days=30)
BACKUP_OLD = timedelta(days=30)
QUIET = timedelta(days=14)
"""Without a message for so long it is unknown whether mail still arrives."""
_BACKUPS = (Remedy('backups', page='backups:index'),)
_CLOCK = 'clock'


def look_at_inodes(seen: Observation, _now: datetime) -> Iterator[Finding]:
    """A file system that can hold few more files."""
    free = seen.inodes
    if free is not None and free < INODES_SCARCE:
        state = State.BROKEN if free < INODES_GONE else State.LOOK
        answer = Verdict(State.BROKEN, 'room') if state is State.BROKEN else None
        usage = (Remedy('disk-usage', page='storage:index'),)
        yield Finding(Verdict(state, 'inodes', {'free': free}), '', usage, answer)


def look_at_memory(seen: Observation, _now: datetime) -> Iterator[Finding]:
    """Memory that is nearly used up."""
    if seen.memory_mb is not None and seen.memory_mb < MEMORY_SCARCE_MB:
        yield Finding(Verdict(State.LOOK, 'memory', {'free': seen.memory_mb}))


def look_at_clock(seen: Observation, now: datetime) -> Iterator[Finding]:
    """A clock that is wrong by the last check, or of which nothing is known."""
    for each in reported.look(_CLOCK)(seen, now):
        if each.state is State.BROKEN or not seen.synchronized:
            yield each


def clock_facts(seen: Observation, about: str) -> CheckFacts:
    """Whether a time server keeps the clock right, or the last check found it right."""
    if seen.synchronized:
        return CheckFacts()
    known = reported.facts(_CLOCK)(seen, about)
    return CheckFacts(seen=known.seen, unseen=known.unseen)


def look_at_spam_lists(seen: Observation, now: datetime) -> Iterator[Finding]:
    """Lists of the spam filter that are old."""
    fetched = seen.spam_lists.fetched if seen.spam_lists else None
    if fetched and now - fetched > LISTS_OLD:
        yield Finding(Verdict(State.LOOK, 'spam-lists', {'date': fetched}))


def spam_list_facts(seen: Observation, _about: str) -> CheckFacts:
    """The time when they were fetched."""
    fetched = seen.spam_lists.fetched if seen.spam_lists else None
    return CheckFacts(seen=fetched, unseen='' if fetched else 'no-spam-lists')


def look_at_spam_memory(seen: Observation, _now: datetime) -> Iterator[Finding]:
    """Little room for what the spam filter learns and has to remember."""
    if seen.spam_memory is not None and seen.spam_memory >= SPAM_MEMORY_FULL:
        yield Finding(Verdict(State.LOOK, 'spam-memory', {'percent': seen.spam_memory}))


def look_at_backups(seen: Observation, now: datetime) -> Iterator[Finding]:
    """No backup, or an old one."""
    if seen.backup is None:
        return
    if seen.backup.made is None:
        yield Finding(Verdict(State.LOOK, 'backup-none'), remedies=_BACKUPS)
    elif now - seen.backup.made > BACKUP_OLD:
        yield Finding(
            Verdict(State.LOOK, 'backup-old', {'date': seen.backup.made}), remedies=_BACKUPS
        )


def backup_facts(seen: Observation, _about: str) -> CheckFacts:
    """The time of the last backup."""
    return CheckFacts(seen=seen.backup.made if seen.backup else None)


def no_look(_seen: Observation, _now: datetime) -> Iterator[Finding]:
    """Nothing to look at."""
    return iter(())


def drill_facts(_seen: Observation, _about: str) -> CheckFacts:
    """Restoring was not tried."""
    return CheckFacts(unseen='no-drill')


def look_at_silence(seen: Observation, now: datetime) -> Iterator[Finding]:
    """No message from another mail server for a long time."""
    received = seen.times.received if seen.times else None
    if received and now - received > QUIET:
        test = (Remedy('test-receiving', page='email:test-message'),)
        yield Finding(
            Verdict(State.UNKNOWN, 'silent', {'date': received}), remedies=test, seen=received
        )
