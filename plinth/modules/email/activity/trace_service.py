# SPDX-License-Identifier: AGPL-3.0-or-later
"""The service that follows the mail log, and answers root's questions about it.

It reads the journal and writes its own folder, and has no other rights. Following has the main
thread; questions are answered one after the other in a second one (`trace_door` has their form).
"""

import json
import os
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..maintenance.trace_keeping import read as read_keeping
from .follower import follow
from .story import MessageStory
from .story_lines import look
from .story_store import PATH, StorySearch, StoryStore, to_row
from .trace_door import SOCKET
from .traced import TracedLines

_LONGEST_QUESTION = 20_000
_SECONDS = 10.0


def _search(raw: Mapping[str, Any]) -> StorySearch:
    return StorySearch(**{**raw, 'addresses': tuple(raw['addresses'])})


class TraceAnswers:
    """Answers from the file of stories, over a connection of its own."""

    def __init__(
        self, path: Path = PATH, lines: Callable[[MessageStory], TracedLines] = look
    ) -> None:
        self._path, self._lines = path, lines
        self._open: StoryStore | None = None

    @property
    def _store(self) -> StoryStore:
        self._open = self._open or StoryStore(self._path)
        return self._open

    def _find(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        stories = [replace(each, steps=[]) for each in self._store.search(_search(raw))]
        _cursor, pending = self._store.place()
        return {
            'stories': [to_row(story) for story in stories],
            'followed': pending.get('last'), 'kept_since': self._store.first_time(),
        }  # fmt: skip

    def _look(self, number: int) -> dict[str, Any]:
        story = self._store.load(number)
        return (self._lines(story) if story else TracedLines(())).to_json()

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        if self._open:
            self._open.close()
        self._open = None

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a question."""
        if 'find' in question:
            return self._find(question['find'])
        if 'counts' in question:
            return {'counts': self._store.counts_since(float(question['counts']))}
        if 'lines' in question:
            return self._look(int(question['lines']))
        story = self._store.load(int(question['story']))
        return {'story': to_row(story) if story else None}

    def answer_text(self, text: bytes) -> bytes:
        """The answer to a line, as a line."""
        try:
            found = self.answer(json.loads(text))
        except (OSError, sqlite3.Error, ValueError, TypeError, KeyError, AttributeError) as error:
            self.close()
            found = {'error': repr(error)[:300]}
        return json.dumps(found, ensure_ascii=False).encode('utf-8', 'replace')


def _serve_one(client: socket.socket, answers: TraceAnswers) -> None:
    with client, suppress(OSError):
        client.settimeout(_SECONDS)
        with client.makefile('rb') as lines:
            text = lines.readline(_LONGEST_QUESTION)
        client.sendall(answers.answer_text(text))


def listen(path: Path) -> socket.socket:
    """A socket that only this account and root can open."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    listening.listen(16)
    return listening


def serve(listening: socket.socket, answers: TraceAnswers) -> None:
    """Answer one question after the other, until the socket is shut down."""
    try:
        while True:
            client, _address = listening.accept()
            _serve_one(client, answers)
    except OSError as error:
        print(f'No more questions are taken: {error}', file=sys.stderr)
    finally:
        answers.close()


def main() -> None:
    """Follow the journal until the service is stopped."""
    os.umask(0o077)
    thread = threading.Thread(target=serve, args=(listen(SOCKET), TraceAnswers()), daemon=True)
    store = StoryStore()
    thread.start()
    print('Following the mail log', file=sys.stderr)
    follow(store, thread.is_alive, keeping=read_keeping)
