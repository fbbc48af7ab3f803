# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email import|apply|export`."""

import argparse
import sys
from pathlib import Path

from ..directory.table import line_of
from ..directory.verbs.bulk import ImportPlan, ImportSummary
from ..errors import MailError
from ..maintenance import site_file
from .follow import follow
from .output import Exit, Output
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    for name, run, help_ in (
        ('import', import_csv, 'create and change the aliases listed in a CSV file'),
        ('apply', apply_site, 'create or update the entries in a YAML file'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument('file', help='file name, or - for standard input')
        verb.add_argument('--dry-run', action='store_true', help='only show what would change')
    export = verbs.add('export', write_out, 'print domains, mailboxes and aliases as YAML')
    export.add_argument('--csv', action='store_true', help='print only the aliases, as CSV')


def read_file(name: str) -> str:
    """The text of a file."""
    try:
        data = sys.stdin.buffer.read() if name == '-' else Path(name).read_bytes()
        return data.decode()
    except OSError as error:
        raise MailError('file-missing.unreadable', str(error), name=name) from error
    except UnicodeDecodeError as error:
        raise MailError('file-invalid', str(error), line=line_of(error)) from error


def _show_progress(percent: int) -> None:
    """Show the progress at a terminal."""
    if sys.stderr.isatty():
        end = '\n' if percent == 100 else ''
        print(f'\r{percent} %', end=end, file=sys.stderr, flush=True)


def import_csv(arguments: argparse.Namespace) -> Output:
    """Import aliases."""
    return _apply('csv', arguments)


def apply_site(arguments: argparse.Namespace) -> Output:
    """Create or update the entries of a YAML file."""
    return _apply('yaml', arguments)


def _apply(kind: str, arguments: argparse.Namespace) -> Output:
    """Show the differences, and make them unless it is a rehearsal."""
    parsed, is_rehearsal = site_file.read(kind, read_file(arguments.file)), arguments.dry_run
    plan = (
        site_file.plan_file(parsed)
        if is_rehearsal
        else site_file.apply_file(parsed, _show_progress)
    )
    summary = plan.summary()
    if not is_rehearsal and summary.needs_following:
        follow()
    return Output(
        [*_in_words(plan), _total(summary, is_rehearsal)],
        {**summary.to_json(), 'dry_run': is_rehearsal},
        Exit.INVALID if plan.faults else Exit.OK,
    )


def _total(summary: ImportSummary, is_rehearsal: bool) -> str:
    """The number of changes in words."""
    if is_rehearsal:
        return f'Would be added: {summary.added}. Would be changed: {summary.changed}.'
    return f'Added: {summary.added}. Changed: {summary.changed}.'


def _in_words(plan: ImportPlan) -> list[str]:
    """A plan as lines to read."""
    lines = []
    for change in plan.changes:
        lines.append(f'{change.verb} {change.after.NOUN} {change.after.key}')
        if change.before:
            lines += [f'  {name}: {a!r} → {b!r}' for name, (a, b) in change.differences().items()]
        if change.password_hash:
            lines.append('  password: changed')
    return [*lines, *(f'line {fault.line}: {fault.reason.sentence}' for fault in plan.faults)]


def write_out(arguments: argparse.Namespace) -> Output:
    """Print all settings made here."""
    kind = 'csv' if arguments.csv else 'yaml'
    text = site_file.export_text(kind)
    return Output(text.splitlines(), {kind: text})
