# SPDX-License-Identifier: AGPL-3.0-or-later
"""The record of every change: author, time, files, and their copies of before.

Each change has a folder `history/NUMBER` with a `manifest.json` and one copy of every file
as it was before. The manifest is written first, so it also is the journal a crash is
repaired from. Its `state` is one of

    prepared   copies are safe, files may or may not have been replaced
    installed  every file is replaced, daemons may or may not know
    done       every daemon runs and answers
    failed     taken back because of an error; `reason` says which
    repaired   taken back after a crash

A folder without a manifest is a change that was never begun; :func:`sweep` removes it. What the
files were before the first change of all is kept in `history/originals` for ever.

DIAGNOSTICS
    no-such-change   there is no change of that number (or it was long ago and is forgotten)
    history-damaged  a manifest or copy is not what was written; nothing is restored from it
    no-space, not-writable  see :mod:`..system.files`
"""

import json
import os
import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ..config.state import Port, Unit
from ..errors import MailError
from ..system import files
from ..system.files import File
from . import originals, plan
from .plan import FileChange

FOLDER = Path('/var/lib/freedombox-email/history')
KEEP = 200
"""So many changes can be looked at and undone; older ones are forgotten."""
ORIGINALS = 'originals'

Stage = Literal['prepared', 'installed', 'done', 'failed', 'repaired', 'damaged']


@dataclass(frozen=True)
class HistoryEntry:
    """One change, as pages and the shell show it; it holds no secrets."""

    id: int
    when: str
    who: str
    title: str
    state: Stage
    files: tuple[str, ...]
    diff: str
    reason: str = ''

    @property
    def interrupted(self) -> bool:
        """Whether this change was begun and neither finished nor taken back."""
        return self.state in ('prepared', 'installed')


@dataclass(frozen=True)
class Saved:
    """One file of a recorded change: its copy from before, and how to know it since."""

    path: str
    before: File
    after_digest: str


@dataclass(frozen=True)
class ChangeRecord:
    """All of a recorded change."""

    entry: HistoryEntry
    saved: tuple[Saved, ...]
    folders: tuple[str, ...]
    units: tuple[Unit, ...]


def _printable(text: str) -> str:
    """One bounded line without control characters."""
    return re.sub(r'[\x00-\x1f\x7f]+', ' ', text)[:200]


def _numbers(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return sorted(
        int(item.name) for item in folder.iterdir() if item.name.isascii() and item.name.isdigit()
    )


def _private(content: bytes) -> File:
    """A file that only the user who runs this can read."""
    return File('file', content, 0o600, os.geteuid(), os.getegid())


def _dump(path: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + '\n'
    files.write(str(path), _private(text.encode('utf-8', 'replace')))


def _manifest(folder: Path, number: int) -> dict[str, Any]:
    path = folder / str(number) / 'manifest.json'
    if not path.exists():
        raise MailError('no-such-change', number=number)
    try:
        manifest = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise MailError('history-damaged.unreadable', str(error), number=number) from error
    if not isinstance(manifest, dict):
        raise MailError('history-damaged.unreadable', number=number)
    return manifest


def _file_of(folder: Path, item: dict[str, Any]) -> File:
    """The copy of a file from before, after making sure it is whole."""
    data = item['before']
    kind = data['kind']
    content = b''
    if kind != 'absent':
        content = (folder / data['copy']).read_bytes()
    before = File(kind, content, data['mode'], data['uid'], data['gid'])
    if before.digest != data['digest']:
        raise ValueError(f'The copy of {item["path"]} was altered.')
    return before


def _entry_of(number: int, manifest: dict[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        number,
        manifest['when'],
        manifest['who'],
        manifest['title'],
        manifest['state'],
        tuple(item['path'] for item in manifest['files']),
        manifest['diff'],
        manifest['reason'],
    )


def _unit_of(data: dict[str, Any]) -> Unit:
    ports = tuple(Port(**port) for port in data['ports'])
    return Unit(data['name'], tuple(data['watches']), ports, data['restart'])


def load(number: int, folder: Path = FOLDER) -> ChangeRecord:
    """The record of one change, its copies verified."""
    manifest = _manifest(folder, number)
    try:
        saved = tuple(
            Saved(item['path'], _file_of(folder / str(number), item), item['after'])
            for item in manifest['files']
        )
        units = tuple(_unit_of(unit) for unit in manifest['units'])
        return ChangeRecord(_entry_of(number, manifest), saved, tuple(manifest['folders']), units)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise MailError('history-damaged', str(error), number=number) from error


def list_entries(folder: Path = FOLDER) -> tuple[HistoryEntry, ...]:
    """All recorded changes, the newest first."""
    entries = []
    for number in reversed(_numbers(folder)):
        try:
            entries.append(_entry_of(number, _manifest(folder, number)))
        except MailError as error:
            if error.code != 'no-such-change':
                entries.append(HistoryEntry(number, '', '', '', 'damaged', (), '', error.detail))
        except (KeyError, TypeError) as error:
            entries.append(HistoryEntry(number, '', '', '', 'damaged', (), '', repr(error)))
    return tuple(entries)


def interrupted(folder: Path = FOLDER) -> tuple[HistoryEntry, ...]:
    """Changes that a crash cut short and that are not repaired yet, newest first."""
    return tuple(entry for entry in list_entries(folder) if entry.interrupted)


def begin(
    title: str,
    who: str,
    changes: tuple[FileChange, ...],
    units: tuple[Unit, ...],
    folder: Path = FOLDER,
) -> int:
    """Save all it takes to go back; when this returns it is safe on the disk."""
    number = max(_numbers(folder), default=0) + 1
    place = folder / str(number)
    with files.named_errors(place):
        place.mkdir(mode=0o700)
        files.sync_folder(folder)
    try:
        _fill(place, title, who, changes, units)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return number


def _fill(
    place: Path, title: str, who: str, changes: tuple[FileChange, ...], units: tuple[Unit, ...]
) -> None:
    items = []
    for index, change in enumerate(changes):
        before = change.before
        copy = f'before-{index}'
        if before.kind != 'absent':
            files.write(str(place / copy), _private(before.content))
        items.append(
            {
                'path': change.path,
                'after': change.after.digest,
                'before': {
                    'kind': before.kind,
                    'mode': before.mode,
                    'uid': before.uid,
                    'gid': before.gid,
                    'digest': before.digest,
                    'copy': copy,
                },
            }
        )
    folders = dict.fromkeys(
        folder for change in changes for folder in files.missing_folders(change.path)
    )
    _dump(
        place / 'manifest.json',
        {
            'when': datetime.now(UTC).isoformat(timespec='seconds'),
            'who': _printable(who),
            'title': _printable(title),
            'state': 'prepared',
            'reason': '',
            'files': items,
            'folders': list(folders),
            'units': [asdict(unit) for unit in units],
            'diff': plan.diff(changes),
        },
    )


def mark(number: int, state: Stage, reason: str = '', folder: Path = FOLDER) -> None:
    """Record how far a change has come."""
    manifest = _manifest(folder, number)
    _dump(folder / str(number) / 'manifest.json', manifest | {'state': state, 'reason': reason})


def sweep(folder: Path = FOLDER, keep: int | None = None) -> None:
    """Forget changes never begun and those beyond the last `keep`, unless interrupted.

    A change in force whose originals cannot be kept, or that is damaged, is not forgotten.
    """
    for number in _numbers(folder):
        if not (folder / str(number) / 'manifest.json').exists():
            shutil.rmtree(folder / str(number), ignore_errors=True)
    for entry in reversed(list_entries(folder)[KEEP if keep is None else keep :]):
        if entry.state != 'damaged' and not entry.interrupted:
            with suppress(MailError):
                _forget(entry, folder)


def _forget(entry: HistoryEntry, folder: Path) -> None:
    if entry.state == 'done':
        place = folder / ORIGINALS
        found, _wrong = originals.load(place)
        for saved in load(entry.id, folder).saved:
            originals.add(found, saved.path, saved.before, saved.after_digest)
            originals.keep(place, found[saved.path])
    # The manifest goes first: a folder without one is forgotten already.
    (folder / str(entry.id) / 'manifest.json').unlink(missing_ok=True)
    shutil.rmtree(folder / str(entry.id), ignore_errors=True)


def first_originals(folder: Path = FOLDER) -> tuple[originals.Originals, tuple[MailError, ...]]:
    """Each file before our first change, and the errors of damaged ones."""
    found, wrong = originals.load(folder / ORIGINALS)
    for entry in reversed(list_entries(folder)):
        if entry.state not in ('done', 'damaged'):
            continue
        try:
            for saved in load(entry.id, folder).saved:
                originals.add(found, saved.path, saved.before, saved.after_digest)
        except MailError as error:
            wrong += (error,)
    return found, wrong


def hand_over(folder: Path = FOLDER) -> None:
    """Note that all files are back as they were before our first change."""
    for entry in list_entries(folder):
        if entry.state == 'done':
            mark(entry.id, 'repaired', 'taken back when the package was removed', folder)
    shutil.rmtree(folder / ORIGINALS, ignore_errors=True)


def create(folder: Path = FOLDER) -> None:
    """Make the folder of the history, for root alone."""
    with files.named_errors(folder):
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
