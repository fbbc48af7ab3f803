# SPDX-License-Identifier: AGPL-3.0-or-later
"""A daemon that cannot read its own files: it runs on, but does not start again.

Root asks each daemon's own checker (`privileged/readable.py`), once a day and whenever a file
changed since, and keeps the answers in a file that the web interface can read.
"""

import json
import pathlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from freedombox.utils import format_lazy

from ..status import State
from .finding import Answer, Finding

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


def _faulty_filter(words: str) -> Finding:
    """A Sieve script of ours that Dovecot leaves out, with all of them that follow."""
    return Finding(
        'unreadable-sieve',
        State.BROKEN,
        _('A Sieve filter of the mail server has an error.'),
        format_lazy(_('Dovecot reports: “{words}”. Reinstall the package freedombox-email.'),
                    words=words),
        answer=Answer(State.LOOK, _('Spam is delivered to the inbox.')),
    )  # fmt: skip


def findings(found: Iterable[Unreadable]) -> Iterator[Finding]:
    """A problem for each daemon that would not start again; mail goes on until then."""
    for each in found:
        if each.daemon == FILTERS:
            yield _faulty_filter(each.words)
            continue
        yield Finding(
            f'unreadable-{each.daemon.lower()}',
            State.BROKEN,
            format_lazy(_("{name} can't read its settings and won't start again."),
                        name=each.daemon),
            format_lazy(_('{name} reports: “{words}”. Correct this before the next restart.'),
                        name=each.daemon, words=each.words),
            answer=Answer(State.LOOK, _('Mail will stop at the next restart.')),
        )  # fmt: skip
