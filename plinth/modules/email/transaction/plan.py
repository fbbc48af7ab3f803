# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a wanted state and the files of now to the list of files to replace.

Reads, and changes nothing. A key that belongs to the administrator is not even looked at:
only the editor knows a file's grammar, and it is told only about the keys that are ours.

DIAGNOSTICS
    file-missing   a file whose keys we should set is not there: its daemon is not installed
    not-a-file     a file whose keys we should set is a link or something stranger
    unknown-owner  a file of ours should belong to a user or group that does not exist
    whatever the editor raises when it cannot understand a file
"""

import difflib
import grp
import pwd
from dataclasses import dataclass, replace

from ..config.state import MADE, DovecotConf, Edit, LastLine, WantedState, WholeFile
from ..errors import MailError
from ..system import files
from ..system.files import File
from .editor import edit as edit_text

DIFF_LIMIT = 100_000


@dataclass(frozen=True)
class FileChange:
    """One file before and after."""

    path: str
    before: File
    after: File

    @property
    def diff(self) -> str:
        """A diff for people to read."""
        modes = ''
        if self.before.kind == self.after.kind == 'file' and _rights(self.before) != _rights(
            self.after
        ):
            modes = f'{self.path}: {_rights(self.before)} -> {_rights(self.after)}\n'
        lines = difflib.unified_diff(
            _lines(self.before),
            _lines(self.after),
            self._label(self.before),
            self._label(self.after),
        )
        return modes + ''.join(lines)

    def _label(self, file: File) -> str:
        return '/dev/null' if file.kind == 'absent' else self.path


def _rights(file: File) -> str:
    return f'mode {file.mode:04o} owner {file.uid}:{file.gid}'


def _lines(file: File) -> list[str]:
    """Printable lines, each with an end."""
    text = file.content.decode('utf-8', 'backslashreplace')
    if file.kind == 'link':
        text = f'link to {text}'
    return [line + '\n' for line in text.split('\n')[:-1]] + (
        [text.split('\n')[-1] + '\n'] if text and not text.endswith('\n') else []
    )


def diff(changes: tuple[FileChange, ...]) -> str:
    """The differences of all files, cut where they grow past reading."""
    text = ''.join(change.diff for change in changes)
    return text if len(text) <= DIFF_LIMIT else text[:DIFF_LIMIT] + '\n[...]\n'


def _owner(edit: WholeFile) -> tuple[int, int]:
    try:
        return pwd.getpwnam(edit.owner).pw_uid, grp.getgrnam(edit.group).gr_gid
    except KeyError as error:
        raise MailError('unknown-owner', f'{edit.owner}:{edit.group}', path=edit.path) from error


def edited(edit: Edit, now: File) -> File:
    """The file with one edit made."""
    if isinstance(edit, WholeFile):
        uid, gid = _owner(edit)
        return File('file', edit.content.encode(), edit.mode, uid, gid)
    ours = isinstance(edit, DovecotConf | LastLine)
    if now.kind == 'absent' and not ours:
        raise MailError('file-missing', path=edit.path)
    if now.kind == 'link' and not (isinstance(edit, DovecotConf) and edit.whole):
        raise MailError('not-a-file.link', path=edit.path)
    old = now if now.kind == 'file' else File('file')
    text = _ended(edit, old.text) if isinstance(edit, LastLine) else edit_text(edit, old.text)
    content = text.encode('utf-8', 'surrogateescape')
    return replace(old, content=content)


def _ended(edit: LastLine, text: str) -> str:
    """A text that ends with our line; one that was ours as a whole holds nothing else."""
    lines = [] if text.startswith(f'# {MADE}\n') else text.splitlines(keepends=True)
    others = [line for line in lines if line.rstrip('\r\n') != edit.line]
    if others and not others[-1].endswith('\n'):
        others[-1] += '\n'
    return ''.join(others) + edit.line + '\n'


def changes(state: WantedState) -> tuple[FileChange, ...]:
    """Every file that is not as `state` wants it, in the order of the state."""
    befores: dict[str, File] = {}
    afters: dict[str, File] = {}
    for edit in state.edits:
        before = befores.setdefault(edit.path, files.read(edit.path))
        afters[edit.path] = edited(edit, afters.get(edit.path, before))
    for path in state.absent:
        if path in afters:
            raise ValueError(f'Both wanted and unwanted: {path}')
        befores[path] = files.read(path)
        afters[path] = files.ABSENT
    return tuple(
        FileChange(path, befores[path], after)
        for path, after in afters.items()
        if befores[path].digest != after.digest
    )
