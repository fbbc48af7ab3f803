# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on many entries at once: import, declare, export.

DESCRIPTION
    How far a running import is stands in a file below /run, which `site_progress` reads: the
    web interface asks while another request of it is still at work.

DIAGNOSTICS
    site-invalid     lines of the file are wrong; the detail names each, and nothing was done
    What `directory.bulk` and `directory.files` say, unchanged.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from freedombox.actions import privileged

from ..directory import bulk, export, files
from ..directory.alias import Alias
from ..directory.reconcile import reconcile as reconcile_store
from ..directory.store import Store
from ..errors import MailError
from . import expiry, storage

PROGRESS = Path('/run/freedombox-email-import.json')
_MOST_SHOWN = 1000
_STEP = 250

_READERS: dict[str, Callable[[str], files.Parsed]] = {
    'csv': files.read_csv,
    'yaml': files.read_yaml,
}


def read(kind: str, text: str) -> files.Parsed:
    """Return the entries of a file in one of the known forms."""
    if kind not in _READERS:
        raise MailError('choice-invalid', 'Files are read as csv or yaml.')
    return _READERS[kind](text)


def note_progress(done: int, total: int) -> None:
    """Note how far the work is, now and then."""
    if done % _STEP and done != total:
        return
    unfinished = PROGRESS.with_suffix('.new')
    unfinished.write_text(json.dumps({'done': done, 'total': total}), encoding='ascii')
    unfinished.replace(PROGRESS)


def _plan(store: Store, parsed: files.Parsed, on_progress: bulk.OnProgress) -> bulk.Plan:
    """Return the plan for a file, with all that is wrong in it."""
    wanted, wrong = parsed
    plan = bulk.plan(store, wanted, on_progress)
    plan.faults += [bulk.Fault(line, error.code, error.sentence) for line, error in wrong]
    plan.faults.sort(key=lambda fault: fault.line)
    return plan


def apply_file(
    kind: str, text: str, dry_run: bool, on_progress: bulk.OnProgress = bulk.nothing
) -> bulk.Plan:
    """Make what a file declares true, or only say what that would change."""
    parsed = read(kind, text)
    with Store() as store:
        plan = _plan(store, parsed, on_progress)
        if dry_run:
            return plan
        plan.check()
        for change in plan.changes:
            if change.verb == 'add' and change.after.NOUN == 'mailbox':
                storage.check_no_mail_left(change.after.key)
        bulk.carry_out(store, plan, on_progress)
        reconcile_store(store)
    ends = [c.after.expires for c in plan.changes if isinstance(c.after, Alias) and c.after.expires]
    expiry.expect(min(ends, default=None))
    return plan


def to_json(plan: bulk.Plan) -> dict[str, Any]:
    """Return a plan as plain values; of a long one only the beginning."""
    verbs = [change.verb for change in plan.changes]
    return {
        'added': verbs.count('add'),
        'changed': verbs.count('change'),
        'changes': [change.to_json() for change in plan.changes[:_MOST_SHOWN]],
        'faults': [vars(fault) for fault in plan.faults],
    }


@privileged
def site_apply(kind: str, text: str, dry_run: bool = False) -> dict[str, Any]:
    """Make what a CSV or YAML file declares true, all of it or nothing."""
    try:
        return to_json(apply_file(kind, text, dry_run, note_progress))
    finally:
        PROGRESS.unlink(missing_ok=True)


@privileged
def site_progress() -> dict[str, int]:
    """Return how far a running import is: how much is done, and of how much."""
    try:
        found = json.loads(PROGRESS.read_text(encoding='ascii'))
    except (OSError, ValueError):
        return {'done': 0, 'total': 0}
    return {'done': int(found['done']), 'total': int(found['total'])}


def export_text(kind: str) -> str:
    """Return what somebody chose as a file."""
    with Store() as store:
        return export.to_csv(store) if kind == 'csv' else export.to_yaml(store)
