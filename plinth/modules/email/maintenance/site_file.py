# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files of many entries: shown what they would do, imported, and written.

DESCRIPTION
    The web process hands files over by `uploads`. It shows what a file would do before it is
    done, and names by its mark what it showed: when that would be something else by then,
    because the directory was changed meanwhile, nothing is done.

    How far a running import is stands in a file below /run, which `progress` reads: the web
    interface asks while another request of it is still at work.

DIAGNOSTICS
    site-invalid     lines of the file are wrong; the detail names each, and nothing was done
    entry-changed    it would do something else than was shown
    upload-missing   there is no such file any more
    The errors of `directory.verbs.bulk` and `directory.import_files`, unchanged.
"""

from collections.abc import Callable
from pathlib import Path

from ..directory import export, import_files
from ..directory.alias import Alias
from ..directory.store import Store
from ..directory.verbs import bulk, forward_rules
from ..directory.verbs.reconcile import reconcile
from ..errors import MailError
from ..mailstore import kept_mail, rights
from ..rules import guard_scripts, placement
from ..system import uploads
from ..system.files import put
from . import expiry

PROGRESS = Path('/run/freedombox-email-import')
_MOST_ON_A_PAGE = 100
MOST_ENTRIES = 25_000
"""Entries one upload may declare: root's service plans one import at a time."""

# The command comes here without root's door.
kept_mail.stand_guard()
placement.stand_by()
guard_scripts.stand_by()
rights.stand_by()

_READERS: dict[str, Callable[[str], import_files.Parsed]] = {
    'csv': import_files.read_csv,
    'yaml': import_files.read_yaml,
}


def read(kind: str, text: str) -> import_files.Parsed:
    """The entries of a file in one of the known forms."""
    if kind not in _READERS:
        raise MailError('choice-invalid.format')
    return _READERS[kind](text)


def _plan(
    store: Store, parsed: import_files.Parsed, on_progress: bulk.OnProgress = bulk.nothing
) -> bulk.ImportPlan:
    """The plan for a file, with all that is wrong in it."""
    wanted, wrong = parsed
    plan = bulk.plan(store, wanted, on_progress)
    plan.faults += [bulk.Fault(line, error.reason) for line, error in wrong]
    plan.faults.sort(key=lambda fault: fault.line)
    return plan


def plan_file(parsed: import_files.Parsed) -> bulk.ImportPlan:
    """The plan of a file."""
    with Store() as store:
        return _plan(store, parsed)


def apply_file(
    parsed: import_files.Parsed,
    on_progress: bulk.OnProgress = bulk.nothing,
    mark: str | None = None,
) -> bulk.ImportPlan:
    """Carry out the plan of a file, all of it or nothing; with `mark`, only that plan."""
    with Store() as store, store.exclusive():
        plan = _plan(store, parsed, on_progress)
        plan.check()
        if mark is not None and plan.mark() != mark:
            raise MailError('entry-changed.import')
        bulk.carry_out(store, plan, on_progress)
        if any('forwarding' in change.differences() for change in plan.changes):
            forward_rules.settle(store)
        reconcile(store)
    ends = [c.after.expires for c in plan.changes if isinstance(c.after, Alias) and c.after.expires]
    expiry.expect(min(ends, default=None))
    return plan


def _uploaded(kind: str, upload: str) -> import_files.Parsed:
    """The entries of a file that the web process hands over."""
    parsed = read(kind, uploads.take(upload))
    entries, wrong = parsed
    if len(entries) + len(wrong) > MOST_ENTRIES:
        raise MailError('site-invalid.too-many', most=MOST_ENTRIES)
    return parsed


def preview(kind: str, upload: str) -> bulk.ImportPreview:
    """The plan of a file of the web process, and its mark."""
    return plan_file(_uploaded(kind, upload)).preview(_MOST_ON_A_PAGE)


def apply(kind: str, upload: str, mark: str) -> bulk.ImportSummary:
    """Import a file of the web process, all of it or nothing, if its plan has this mark."""
    try:
        return apply_file(_uploaded(kind, upload), note_progress, mark).summary(0)
    finally:
        PROGRESS.unlink(missing_ok=True)


def note_progress(percent: int) -> None:
    """Note how far the work is."""
    put(PROGRESS, str(percent).encode(), 0o644)


def progress() -> int:
    """How many hundredths of a running import are done, 0 when none runs."""
    try:
        return int(PROGRESS.read_text(encoding='ascii'))
    except (OSError, ValueError):
        return 0


def export_text(kind: str) -> str:
    """The chosen entries as a file."""
    with Store() as store:
        return export.to_csv(store) if kind == 'csv' else export.to_yaml(store)
