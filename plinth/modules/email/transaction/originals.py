# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each file as it was before the app first changed it, kept for as long as the app is there.

The history forgets old changes. Before it does, what only they know goes here: one file for
each path, readable by root alone, with the first original and how to know what we wrote last.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import MailError
from ..system import files
from ..system.files import File


@dataclass(frozen=True)
class Original:
    """A file before our first change, and its digest after our last one."""

    path: str
    before: File
    ours: str


Originals = dict[str, Original]


def add(found: Originals, path: str, before: File, ours: str) -> None:
    """Add a change that came after those which are known."""
    known = found.get(path)
    found[path] = replace(known, ours=ours) if known else Original(path, before, ours)


def keep(folder: Path, original: Original) -> None:
    """Write an original down; when this returns it is safe on the disk."""
    with files.named_errors(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        files.sync_folder(folder.parent)
    before = original.before
    data = {
        'path': original.path,
        'kind': before.kind,
        'content': base64.b64encode(before.content).decode(),
        'mode': before.mode,
        'uid': before.uid,
        'gid': before.gid,
        'digest': before.digest,
        'ours': original.ours,
    }
    file = File('file', json.dumps(data).encode(), 0o600, os.geteuid(), os.getegid())
    files.write(str(folder / _name(original.path)), file)


def _name(path: str) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:40] + '.json'


def _read(place: Path) -> Original:
    """The original in a file, after making sure it is whole."""
    try:
        data = json.loads(place.read_text())
        content = base64.b64decode(data['content'])
        before = File(data['kind'], content, data['mode'], data['uid'], data['gid'])
        if before.digest != data['digest'] or place.name != _name(data['path']):
            raise ValueError('It was altered.')
        return Original(data['path'], before, data['ours'])
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise MailError('history-damaged.original', str(error), path=str(place)) from error


def load(folder: Path) -> tuple[Originals, tuple[MailError, ...]]:
    """All originals by their path, and the errors of damaged ones."""
    found: Originals = {}
    wrong = []
    for place in sorted(folder.glob('*.json')):
        try:
            original = _read(place)
            found[original.path] = original
        except MailError as error:
            wrong.append(error)
    return found, tuple(wrong)
