# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email history`, `undo`, `release` and `drift`."""

import argparse
import dataclasses
from collections.abc import Iterable

from ..errors import MailError
from ..transaction import history, pins, transaction
from ..transaction.history import HistoryEntry
from .output import Exit, Output, table
from .parser import Verbs
from .who import who


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    listing = verbs.add('history', show_history, 'list changes to the mail services')
    listing.add_argument('number', nargs='?', type=int, help='show this change line by line')
    undo = verbs.add('undo', undo_change, 'revert a change to the mail services')
    undo.add_argument('number', type=int, help='number as printed by: freedombox-email history')
    undo.add_argument(
        '--unsafe',
        action='store_true',
        help='revert it even if settings that protect mail are removed',
    )
    release = verbs.add(
        'release', release_settings, 'let the app manage the settings of a reverted change again'
    )
    release.add_argument('number', type=int, help='number of the reverted change')
    verbs.add('drift', drift, 'compare the files of the mail services with the expected settings')


def _kept(numbers: Iterable[int]) -> list[str]:
    """Sentences about settings that stay as they were before these changes."""
    wanted = set(numbers)
    return [
        f'Not managed since change {pin.change} was reverted: {pin.path}: {pin.key}. '
        f'To let the app manage it again, run: freedombox-email release {pin.change}'
        for pin in pins.load()
        if pin.change in wanted
    ]


def _row(entry: HistoryEntry, undone: set[int]) -> tuple[str, ...]:
    state = 'undone' if entry.id in undone else entry.state
    return (str(entry.id), entry.when, entry.who, state, entry.title)


def show_history(arguments: argparse.Namespace) -> Output:
    """List changes, or show one with its differences."""
    entries = history.list_entries()
    if arguments.number is not None:
        entries = tuple(entry for entry in entries if entry.id == arguments.number)
        if not entries:
            raise MailError('no-such-change', number=arguments.number)
    undone = {pin.change for pin in pins.load()}
    data = {
        'changes': [dataclasses.asdict(entry) | {'kept': entry.id in undone} for entry in entries]
    }
    lines = table([_row(entry, undone) for entry in entries]) or ['There are no changes yet.']
    if arguments.number is not None:
        lines += [entries[0].reason, *_kept([entries[0].id]), *entries[0].diff.splitlines()]
    return Output(lines, data)


def undo_change(arguments: argparse.Namespace) -> Output:
    """Take a change back."""
    from ..maintenance.setup import undo  # slow to import

    result = undo(arguments.number, who(), arguments.unsafe)
    lines = [f'Change {result.id} reverts change {arguments.number}.']
    return Output([*lines, *_kept([arguments.number])], {'change': dataclasses.asdict(result)})


def release_settings(arguments: argparse.Namespace) -> Output:
    """Let the app decide again about the settings of an undone change."""
    from ..maintenance.setup import release

    result = release(arguments.number, who())
    lines = [f'The app manages these settings again. See change {result.id}.']
    return Output(lines, {'change': dataclasses.asdict(result)})


def drift(_arguments: argparse.Namespace) -> Output:
    """Compare the daemons' files with the expected settings."""
    from ..maintenance.setup import wanted_state

    drifts, kept = transaction.check(wanted_state()), pins.load()
    lines = [line for drift in drifts for line in (drift.path, *drift.lines)]
    data = {
        'differences': [dataclasses.asdict(drift) for drift in drifts],
        'kept': [dataclasses.asdict(pin) for pin in kept],
    }
    end = Exit.FAILED if drifts else Exit.OK
    lines = lines or ['All files have the expected settings.']
    return Output([*lines, *_kept(pin.change for pin in kept)], data, end)
