# SPDX-License-Identifier: AGPL-3.0-or-later
"""Output of a verb: words for people or JSON for programs."""

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import MailError


class Exit(enum.IntEnum):
    """How the command ends; the manual page lists these."""

    OK = 0
    FAILED = 1
    USAGE = 2
    MISSING = 3
    CONFLICT = 4
    INVALID = 5
    DOWN = 6
    NOT_ROOT = 7
    NOT_SET_UP = 8
    UNKNOWN = 9
    WARNING = 10


SIGNS = {'works': 'ok', 'look': 'warning', 'broken': 'FAILED', 'unknown': 'unknown'}
"""The state of a step or check before its sentence; `status.State` is slow to import."""
_BY_ENDING = (
    ('-not-set-up', Exit.NOT_SET_UP),
    ('-missing', Exit.MISSING),
    ('-exists', Exit.CONFLICT),
    ('-in-use', Exit.CONFLICT),
    ('-changed', Exit.CONFLICT),
    ('-invalid', Exit.INVALID),
    ('-down', Exit.DOWN),
)
_BY_CODE = {
    'not-root': Exit.NOT_ROOT,
    'usage-invalid': Exit.USAGE,
    'no-such-change': Exit.MISSING,
    'newer-changes': Exit.CONFLICT,
    'not-undoable': Exit.CONFLICT,
    'undo-unsafe': Exit.CONFLICT,
    'changed-meanwhile': Exit.CONFLICT,
    'busy': Exit.CONFLICT,
    'unit-failed': Exit.DOWN,
    'port-silent': Exit.DOWN,
    'systemd-silent': Exit.DOWN,
    'file-missing': Exit.FAILED,
    'destination-repeated': Exit.INVALID,
    'alias-loop': Exit.INVALID,
    'limit-reached': Exit.CONFLICT,
}


@dataclass(frozen=True)
class Output:
    """The result of a verb: lines to read, the same as data, and the exit status."""

    lines: Sequence[str] = ()
    data: dict[str, Any] = field(default_factory=dict)
    exit: Exit = Exit.OK


def exit_for(code: str) -> Exit:
    """How to end after an error."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    for ending, exit_ in _BY_ENDING:
        if code.endswith(ending):
            return exit_
    return Exit.FAILED


def error_data(error: MailError) -> dict[str, Any]:
    """An error as data."""
    return {'error': {'code': error.code, 'sentence': error.sentence, 'detail': error.detail}}


def to_json(data: dict[str, Any]) -> str:
    """Data as text for programs."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with their columns under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        '  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
