# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one way this app changes a daemon's configuration: completely, or not at all.

:func:`apply` makes a wanted state true. It edits in memory, has the daemons check a copy,
saves what it takes to go back, replaces every file by a rename, has the daemons take the
new files up and waits until their ports answer. Whatever goes wrong on the way, every file
is put back, the daemons take the old files up again, and the error says why in the daemon's
own words. :func:`undo` does the same towards an earlier state, and :mod:`.pins` has it stay so.

What is wanted is asked for when no other change runs any more: worked out before, it could
forget a domain that was added meanwhile, or bring an old key back.

A crash leaves a journal (:mod:`.history`). One rule repairs it: only a change whose last
port has answered counts, anything less is taken back. That happens at the next change and,
before the daemons start, at boot. A file that was edited since is left as it is:
an administrator's edit is never overwritten, neither by a change nor by taking one back.

One change runs at a time. Nothing here touches the umask, folder or environment of the
process, which has other threads.

DIAGNOSTICS (see the other modules for what they raise: they are all part of this contract)
    changed-meanwhile  a file was edited while we prepared to replace it
    newer-changes      undo: a file was changed again after the change to be undone
    not-undoable       undo: the change was itself taken back, or has yet to finish
    not-undoable, undo-unsafe, pins-damaged                       from :mod:`.pins`
    rollback-failed    the old state could not be put back; the next change or start retries
    internal-error     something unforeseen; the old state is back
    busy               another change is running
    file-missing, not-a-file, unknown-owner                       from :mod:`.plan`
    no-space, not-writable                                        from :mod:`..system.files`
    postfix-refused, dovecot-refused, rspamd-refused, check-failed from :mod:`.daemons`
    reload-failed, unit-failed, port-silent, systemd-silent       from :mod:`.units`
    no-such-change, history-damaged                               from :mod:`.history`
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..config.state import Unit, WantedState
from ..errors import MailError
from ..system import files, systemd
from . import daemons, history, pins, plan, sandbox, units
from .history import ChangeRecord, HistoryEntry, Saved
from .plan import FileChange

LOCK = history.FOLDER.with_name('lock')
STAGING = history.FOLDER.with_name('staging')
LOCK_SECONDS = 60.0

STEPS = (
    'lock',
    'repair',
    'read',
    'stage',
    'check',
    'journal',
    'prepare',
    'install',
    'installed',
    'reload',
    'answer',
    'finish',
)
"""The steps `on_step` is told of, each before it happens.

'prepare' and 'install' come once per file, 'reload' and 'answer' once per unit.
"""

OnStep = Callable[[str], None]
Wanted = Callable[[], WantedState]
"""The function that works out the wanted state, called under the lock."""


def nothing(_step: str) -> None:
    """Take no notice of a step."""


@dataclass(frozen=True)
class Result:
    """The result of a change; `id` is 0 when nothing had to be changed."""

    id: int
    changed: bool
    files: tuple[str, ...] = ()
    diff: str = ''


@dataclass(frozen=True)
class Drift:
    """A file that is not as it should be, and the lines to change in it."""

    path: str
    lines: tuple[str, ...]
    keys: tuple[str, ...] = ()
    """The settings in it that differ."""


def apply(wanted: Wanted, title: str, who: str, on_step: OnStep = nothing) -> Result:
    """Make the wanted state true or change nothing; `title` and `who` are for the history."""
    with _exclusive(on_step):
        on_step('read')
        state = wanted()
        changes = plan.changes(pins.without(state, pins.load()))
        return _carry_out(changes, state.units, title, who, on_step)


def rehearse(wanted: Wanted) -> None:
    """Have the daemons check the files of :func:`apply`; nothing is changed."""
    with _exclusive(nothing):
        changes = plan.changes(pins.without(wanted(), pins.load()))
        if changes:
            with sandbox.staged(changes, STAGING) as copy:
                daemons.check(copy)


def undo(
    number: int, wanted: Wanted, who: str, on_step: OnStep = nothing, unsafe: bool = False
) -> Result:
    """Put the files of a recorded change back as they were before it, for good.

    Wanted settings that are undone by it are pinned; with `unsafe`, also those that may protect
    users.
    """
    with _exclusive(on_step):
        on_step('read')
        record = history.load(number)
        if record.entry.state != 'done':
            raise MailError('not-undoable.not-in-force', number=number)
        changes = tuple(
            _reversed(number, saved) for saved in record.saved if saved.path != pins.PATH
        )
        changes += pins.changed(pins.after_undo(number, wanted(), changes, unsafe))
        title = f'Undo change {number}: {record.entry.title}'
        return _carry_out(changes, record.units, title, who, on_step)


def release(number: int, wanted: Wanted, who: str, on_step: OnStep = nothing) -> Result:
    """Let the app decide again about the settings of an undone change."""
    with _exclusive(on_step):
        on_step('read')
        kept = pins.load()
        left = tuple(pin for pin in kept if pin.change != number)
        if left == kept:
            raise MailError('no-such-change.not-undone', number=number)
        state = wanted()
        changes = (*plan.changes(pins.without(state, left)), *pins.changed(left))
        title = f'Manage the settings of change {number} again'
        return _carry_out(changes, state.units, title, who, on_step)


def check(state: WantedState) -> tuple[Drift, ...]:
    """The changes :func:`apply` would make; nothing is changed."""
    left = pins.without(state, pins.load())
    return tuple(
        Drift(change.path, tuple(change.diff.splitlines()), pins.missed(left, change))
        for change in plan.changes(left)
    )


def repair(start: bool = True) -> tuple[HistoryEntry, ...]:
    """Undo changes that a crash cut short; the changes that were undone.

    With `start` unset no unit is started, only running ones take the old files up: early
    at boot a daemon is about to start anyway, and waiting for it would never end.
    """
    with _exclusive(nothing, start) as repaired:
        return repaired


@contextmanager
def _exclusive(on_step: OnStep, start: bool = True) -> Iterator[tuple[HistoryEntry, ...]]:
    """Keep others out, and begin on a sound footing."""
    history.create()
    on_step('lock')
    with files.locked(LOCK, LOCK_SECONDS):
        on_step('repair')
        yield _repair(start)


def _repair(start: bool) -> tuple[HistoryEntry, ...]:
    """Take back interrupted changes, the newest first, and remove litter."""
    sandbox.clear(STAGING)
    history.sweep()
    for entry in history.list_entries()[:1]:
        for path in entry.files:
            if not entry.interrupted:
                files.tidy(path)
    repaired = history.interrupted()
    for entry in repaired:
        record = history.load(entry.id)
        _restored, notes = _put_back(record)
        notes += _follow_quietly(record, start)
        history.mark(entry.id, 'repaired', '\n'.join(('Interrupted.', *notes)))
    return repaired


def _reversed(number: int, saved: Saved) -> FileChange:
    """The change that takes one file of change `number` back."""
    now = files.read(saved.path)
    if now.digest != saved.after_digest:
        raise MailError('newer-changes', number=number, path=saved.path)
    return FileChange(saved.path, now, saved.before)


def _carry_out(
    changes: tuple[FileChange, ...], wanted: tuple[Unit, ...], title: str, who: str, on_step: OnStep
) -> Result:
    """Replace the files and have the daemons take them up, or put all back and raise."""
    if not changes:
        _follow(wanted, changes, on_step)
        return Result(0, False)
    on_step('stage')
    with sandbox.staged(changes, STAGING) as copy:
        on_step('check')
        daemons.check(copy)
    on_step('journal')
    number = history.begin(title, who, changes, wanted)
    try:
        _install(changes, on_step)
        on_step('installed')
        history.mark(number, 'installed')
        _follow(wanted, changes, on_step)
        on_step('finish')
        history.mark(number, 'done')
    except Exception as error:
        raise _taken_back(number, error) from error
    except BaseException as error:
        _taken_back(number, error)
        raise
    _clean_up(changes)
    return Result(number, True, tuple(change.path for change in changes), plan.diff(changes))


def _clean_up(changes: tuple[FileChange, ...]) -> None:
    """Remove files that are not needed any more; one that cannot be removed now is no failure."""
    with suppress(MailError):
        for change in changes:
            files.tidy(change.path)
    history.sweep()


def _install(changes: tuple[FileChange, ...], on_step: OnStep) -> None:
    """Replace every file, all that needs room having been done before the first."""
    for change in changes:
        on_step('prepare')
        files.make_folders(change.path)
        files.prepare(change.path, change.before, change.after)
    for change in changes:
        on_step('install')
        if files.read(change.path) != change.before:
            raise MailError('changed-meanwhile', path=change.path)
        files.install(change.path, change.after)


def _concerns(unit: Unit, paths: tuple[str, ...]) -> bool:
    return any(path.startswith(unit.watches) for path in paths)


def _follow(wanted: tuple[Unit, ...], changes: tuple[FileChange, ...], on_step: OnStep) -> None:
    """Have one unit after the other take up its changes, and wait until its ports answer.

    Not all at once: an SMTP server that starts while Dovecot reloads finds no one to ask
    about logins, ends, and is not started again for a minute.
    """
    paths = tuple(change.path for change in changes)
    for unit in wanted:
        on_step('reload')
        with systemd.connected() as manager:
            moved = units.follow(manager, unit, _concerns(unit, paths))
        on_step('answer')
        if moved:
            units.answer_all(unit)


def _taken_back(number: int, cause: BaseException) -> MailError:
    """Put everything back as it was before change `number`; return the error to raise."""
    try:
        record = history.load(number)
        restored, notes = _put_back(record)
    except MailError as error:
        return MailError('rollback-failed', f'{cause!s}\n{error.sentence}\n{error.detail}')
    if restored:
        notes += _follow_quietly(record, start=True)
    failure = _explained(cause, notes)
    # With a full disk the state cannot be recorded; the next repair then finds all in place.
    with suppress(MailError):
        history.mark(number, 'failed', f'{failure.sentence}\n{failure.detail}')
    return failure


def _explained(cause: BaseException, notes: tuple[str, ...]) -> MailError:
    """The cause as a MailError, with notes about the rest in its detail."""
    if not isinstance(cause, MailError):
        cause = MailError('internal-error', repr(cause))
    detail = '\n'.join(filter(None, (cause.detail, *notes)))
    return MailError(cause.reason.key, detail, cause.reason.params)


def _put_back(record: ChangeRecord) -> tuple[bool, tuple[str, ...]]:
    """Put the files of a change back; whether any had to be, and notes on files left alone."""
    restored = False
    notes = []
    for saved in reversed(record.saved):
        now = files.read(saved.path).digest
        if now == saved.after_digest:
            files.restore(saved.path, saved.before)
            restored = True
        elif now != saved.before.digest:
            notes.append(f'{saved.path} was edited by somebody else and is left as it is.')
        files.tidy(saved.path)
    for folder in reversed(record.folders):
        with suppress(OSError):  # another program uses it by now, or it was never made
            Path(folder).rmdir()
            files.sync_folder(os.path.dirname(folder))  # noqa: PTH120
    return restored, tuple(notes)


def _follow_quietly(record: ChangeRecord, start: bool) -> tuple[str, ...]:
    """Have the daemons take the old files up; notes on those that failed."""
    paths = tuple(saved.path for saved in record.saved)
    notes = []
    for unit in record.units:
        try:
            with systemd.connected() as manager:
                moved = units.follow(manager, unit, _concerns(unit, paths), start)
            if moved:
                units.answer_all(unit)
        except MailError as error:
            notes.append(f'Afterwards: {error.sentence} {error.detail}')
    return tuple(notes)
