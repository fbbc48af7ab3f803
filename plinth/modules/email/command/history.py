# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email history`, `undo` and `check`."""

import argparse
import dataclasses
import os

from ..errors import MailError
from ..privileged import history, transaction
from .output import Exit, Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    listing = verbs.add('history', show_history, 'list changes of the mail services')
    listing.add_argument('number', nargs='?', type=int, help='show this change in full')
    undo = verbs.add('undo', undo_change, 'take a change of the mail services back')
    undo.add_argument('number', type=int, help='its number, from: freedombox-email history')
    verbs.add('check', check, 'compare the files of the mail services with what they should say')


def _who() -> str:
    """Return who is at work, for the history."""
    return os.environ.get('SUDO_USER') or 'root'


def show_history(arguments: argparse.Namespace) -> Output:
    """List changes, or show one with its differences."""
    entries = history.list_entries()
    if arguments.number is not None:
        entries = tuple(entry for entry in entries if entry.id == arguments.number)
        if not entries:
            raise MailError('no-such-change', f'There is no change {arguments.number}.')
    data = {'changes': [dataclasses.asdict(entry) for entry in entries]}
    rows = [(str(entry.id), entry.when, entry.who, entry.state, entry.title) for entry in entries]
    lines = table(rows) or ['Nothing was changed yet.']
    if arguments.number is not None:
        lines += [entries[0].reason, *entries[0].diff.splitlines()]
    return Output(lines, data)


def undo_change(arguments: argparse.Namespace) -> Output:
    """Take a change back."""
    result = transaction.undo(arguments.number, _who())
    lines = [f'Change {arguments.number} is taken back by change {result.id}.']
    return Output(lines, {'change': dataclasses.asdict(result)})


def check(_arguments: argparse.Namespace) -> Output:
    """Compare the daemons' files with what they should say."""
    from ..privileged.setup import wanted_state

    drifts = transaction.check(wanted_state())
    lines = [line for drift in drifts for line in (drift.path, *drift.lines)]
    data = {'differences': [dataclasses.asdict(drift) for drift in drifts]}
    end = Exit.FAILED if drifts else Exit.OK
    return Output(lines or ['All files say what they should.'], data, end)
