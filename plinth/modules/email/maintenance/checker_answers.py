# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers of the daemons' own checkers about the files in use, kept for the web interface."""

import json
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PATH = pathlib.Path('/var/lib/freedombox-email/readable.json')
FILTERS = 'Sieve'
"""The entry for our Sieve scripts, which no daemon needs to start."""


@dataclass(frozen=True)
class Unreadable:
    """A daemon by its name, and the words in which it refuses its files."""

    daemon: str
    words: str


def from_root(raw: Iterable[dict[str, Any]]) -> tuple[Unreadable, ...]:
    """The daemons that refuse their files, from plain values."""
    return tuple(Unreadable(str(each['daemon']), str(each['words'])) for each in raw)


def refusing(answers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that refuse their files, of the answers of a check; as plain values."""
    return [{'daemon': each['daemon'], 'words': each['words']} for each in answers if each['words']]


def kept(path: pathlib.Path = PATH) -> list[dict[str, Any]] | None:
    """Those that refuse their files by the last check; None when there was none."""
    try:
        return refusing(json.loads(path.read_text(encoding='utf-8')))
    except (OSError, ValueError, TypeError, KeyError):
        return None
