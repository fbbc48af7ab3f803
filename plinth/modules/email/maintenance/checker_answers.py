# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers of the daemons' own checkers about the files in use, kept for the web interface."""

import json
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass

from ..system.json_value import JsonValue

PATH = pathlib.Path('/var/lib/freedombox-email/readable.json')
FILTERS = 'Sieve'
"""The entry for our Sieve scripts, which no daemon needs to start."""


@dataclass(frozen=True)
class Unreadable(JsonValue):
    """A daemon by its name, and the words in which it refuses its files."""

    daemon: str
    words: str


@dataclass(frozen=True)
class CheckerAnswer(JsonValue):
    """The answer of a daemon's checker about files of this stamp, no words when it takes them."""

    daemon: str
    stamp: str
    words: str


def refusing(answers: Iterable[CheckerAnswer]) -> tuple[Unreadable, ...]:
    """The daemons that refuse their files, of the answers of a check."""
    return tuple(Unreadable(each.daemon, each.words) for each in answers if each.words)


def last(path: pathlib.Path = PATH) -> tuple[CheckerAnswer, ...] | None:
    """The answers of the last check; None when there was none, or they are damaged."""
    try:
        return tuple(map(CheckerAnswer.from_json, json.loads(path.read_text(encoding='utf-8'))))
    except (OSError, ValueError, TypeError):
        return None


def kept(path: pathlib.Path = PATH) -> tuple[Unreadable, ...] | None:
    """The daemons that refuse their files by the last check; None when there was none."""
    answers = last(path)
    return None if answers is None else refusing(answers)
