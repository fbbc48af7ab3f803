# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings an administrator took back, which the app leaves alone from then on.

A pin names a file and one setting in it, and the change that was undone. Until the app is told
to decide again, the setting is neither written nor counted as a difference, whatever it says.
Pins are a file like those of the daemons, changed by the same transaction as what they are
about: either both hold or none.

DIAGNOSTICS
    pins-damaged   the file of pins cannot be read
    not-undoable   what was changed follows from the domains, or a file of ours holds nothing else
    undo-unsafe    the changed settings may protect users; the detail names them
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace

from ..config import undoing
from ..config.state import (
    DovecotConf,
    DovecotSetting,
    Edit,
    MainCf,
    MasterCf,
    WantedState,
    WholeFile,
)
from ..errors import MailError
from ..system import files
from ..system.files import File
from . import history, plan
from .plan import FileChange

PATH = str(history.FOLDER.with_name('pins.json'))

Key = tuple[str, str]
"""A file, and one setting in it; '' for a file that is ours as a whole."""


@dataclass(frozen=True, order=True)
class Pin:
    """A setting that stays as it was before a change, which was undone."""

    path: str
    key: str
    change: int


def load() -> tuple[Pin, ...]:
    """All pins there are."""
    file = files.read(PATH)
    if file.kind == 'absent':
        return ()
    try:
        found = [Pin(**each) for each in json.loads(file.content)]
        return tuple(sorted(Pin(str(x.path), str(x.key), int(x.change)) for x in found))
    except (TypeError, ValueError) as error:
        raise MailError('pins-damaged', str(error), path=PATH) from error


def changed(pins: Iterable[Pin]) -> tuple[FileChange, ...]:
    """The change that leaves these pins and no others."""
    before, after = files.read(PATH), files.ABSENT
    if kept := [asdict(each) for each in sorted(pins)]:
        text = json.dumps(kept, indent=1) + '\n'
        after = File('file', text.encode(), 0o600, os.geteuid(), os.getegid())
    return () if before.digest == after.digest else (FileChange(PATH, before, after),)


def _place(setting: DovecotSetting) -> str:
    parts = [f'{kind} {name}'.strip() for kind, name in setting.blocks]
    return ' / '.join([*parts, setting.key])


def _is_shared(edit: Edit) -> bool:
    """Whether a file is not ours as a whole."""
    return not isinstance(edit, WholeFile) and not (isinstance(edit, DovecotConf) and edit.whole)


def _keys(edit: Edit) -> list[str]:
    """Each setting of an edit."""
    if isinstance(edit, MainCf):
        return list(edit.values)
    if isinstance(edit, MasterCf):
        return [
            *(f'{each.name} {each.type}' for each in edit.services),
            *map(' '.join, edit.absent),
        ]
    if isinstance(edit, DovecotConf) and _is_shared(edit):
        return [*map(_place, edit.settings), *edit.includes_absent]
    return ['']


def _where(edit: Edit, wants: Callable[[str], bool]) -> Edit:
    """An edit with some of its settings only."""
    if isinstance(edit, MainCf):
        return replace(edit, values={k: v for k, v in edit.values.items() if wants(k)})
    if isinstance(edit, MasterCf):
        return replace(
            edit,
            services=tuple(x for x in edit.services if wants(f'{x.name} {x.type}')),
            absent=tuple(pair for pair in edit.absent if wants(' '.join(pair))),
        )
    if isinstance(edit, DovecotConf) and _is_shared(edit):
        return replace(
            edit,
            settings=tuple(each for each in edit.settings if wants(_place(each))),
            includes_absent=tuple(filter(wants, edit.includes_absent)),
        )
    return edit


def _left(edit: Edit, pinned: Collection[str]) -> Edit:
    """An edit without the settings that are pinned."""
    return _where(edit, lambda key: key not in pinned) if pinned else edit


def without(state: WantedState, pins: Collection[Pin]) -> WantedState:
    """The part of a state that is not pinned."""
    if not pins:
        return state
    edits = (_left(x, {pin.key for pin in pins if pin.path == x.path}) for x in state.edits)
    return replace(state, edits=tuple(edits))


def _differs(edit: Edit, file: File) -> bool:
    """Whether a file differs from the wanted values, or cannot hold them."""
    try:
        return plan.edited(edit, file).digest != file.digest
    except MailError:
        return True


def missed(state: WantedState, change: FileChange) -> tuple[str, ...]:
    """The settings in a file that a change would make right."""
    lines = [line for line in change.diff.splitlines() if line[:1] in ('+', '-')]
    text = '\n'.join(lines)

    def named(edit: Edit) -> list[str]:
        """Those settings that can be in the lines: to try each of them takes a second."""
        if isinstance(edit, MasterCf):
            return _keys(edit)  # an option stands on a line without the service
        return [key for key in _keys(edit) if key.rpartition(' / ')[2] in text]

    return tuple(key for (_path, key), is_right in _moved(state, change, named) if is_right)


def _moved(
    state: WantedState, change: FileChange, keys: Callable[[Edit], list[str]] = _keys
) -> Iterator[tuple[Key, bool]]:
    """Each setting that a change makes right or wrong, and whether it is right after it."""
    for edit in state.edits:
        for key in keys(edit) if edit.path == change.path else ():
            single = _where(edit, key.__eq__)
            was, will_be = (_differs(single, file) for file in (change.before, change.after))
            if was != will_be:
                yield (edit.path, key), not will_be
    if change.path in state.absent:
        yield (change.path, ''), change.after.kind == 'absent'


def after_undo(
    number: int, state: WantedState, changes: Iterable[FileChange], unsafe: bool
) -> tuple[Pin, ...]:
    """The pins there are once `changes` have taken change `number` back, if that may be."""
    moved = dict(pair for change in changes for pair in _moved(state, change))
    lost = sorted(key for key, right in moved.items() if not right)
    _check(number, lost, unsafe)
    stay = [pin for pin in load() if (pin.path, pin.key) not in moved]
    return (*stay, *(Pin(*key, number) for key in lost))


def _check(number: int, lost: Iterable[Key], unsafe: bool) -> None:
    """Refuse to undo a change that cannot stay undone, or an unsafe one that was not confirmed."""
    following = [' '.join(key).strip() for key in lost if undoing.follows(*key)]
    if following:
        raise MailError('not-undoable', '\n'.join(following), number=number)
    risky = [' '.join(key) for key in lost if not undoing.is_harmless(*key)]
    if risky and not unsafe:
        raise MailError('undo-unsafe', '\n'.join(risky), number=number)
