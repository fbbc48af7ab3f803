# SPDX-License-Identifier: AGPL-3.0-or-later
"""Questions of root to the service that follows the mail log.

Root opens no database that a service without rights has made, so it asks the service, over a socket
that only root can open. A question is one line of JSON, and so is its answer.

    {"find": SEARCH}    stories without steps, as rows of the file, and the state of the file
    {"story": ID}       a story
    {"lines": ID}       lines of the log about it
    {"counts": TIME}    messages of each hour since a time

DIAGNOSTICS
    trace-down   the service does not answer, or answers nonsense
"""

import json
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import MailError
from .hourly_counts import HourCount, of_plain
from .story import MessageStory
from .story_store import StorySearch, of_row
from .traced import TracedLines, moment

SOCKET = Path('/run/freedombox-email-trace/questions')
LARGEST_ANSWER = 16_000_000
SECONDS = 15.0
_CHUNK = 1 << 18


@dataclass(frozen=True)
class FoundStories:
    """Stories without their steps, how far the log is followed, and how far they go back."""

    stories: tuple[MessageStory, ...]
    followed: datetime | None
    kept_since: datetime | None


def _received(line: socket.socket) -> bytes:
    parts, size = [], 0
    while chunk := line.recv(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise ValueError('an answer without an end')
    return b''.join(parts)


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """The answer to a question."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS)
            line.connect(str(SOCKET))
            line.sendall(json.dumps(question).encode() + b'\n')
            answer = json.loads(_received(line))
    except (OSError, ValueError) as error:
        raise MailError('trace-down', str(error)) from error
    if not isinstance(answer, dict) or 'error' in answer:
        raise MailError('trace-down', str(answer)[:400])
    return answer


def _story(row: Sequence[Any]) -> MessageStory:
    try:
        return of_row(row)
    except (ValueError, TypeError) as error:
        raise MailError('trace-down', repr(error)) from error


def _moment(value: Any) -> datetime | None:
    return moment(float(value)) if isinstance(value, int | float) and value else None


def find(search: StorySearch) -> FoundStories:
    """Stories found, without their steps."""
    answer = ask({'find': asdict(search)})
    stories = tuple(_story(row) for row in answer.get('stories', ()))
    return FoundStories(stories, _moment(answer.get('followed')), _moment(answer.get('kept_since')))


def story(number: int) -> MessageStory | None:
    """A story."""
    row = ask({'story': number}).get('story')
    return _story(row) if row else None


def lines(number: int) -> TracedLines:
    """Lines of the log about a message."""
    try:
        return TracedLines.from_json(ask({'lines': number}))
    except ValueError as error:
        raise MailError('trace-down', str(error)) from error


def counts(since: float) -> tuple[int, list[HourCount]]:
    """The first hour that was counted, and the counts of hours since a moment."""
    try:
        return of_plain(ask({'counts': since}).get('counts'))
    except ValueError as error:
        raise MailError('trace-down', str(error)) from error
