# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lines of the log about a message, looked up in the journal when they are asked for.

The times of its steps say where to look. A line belongs to a message that has one of its numbers
in the queue in it, a session of Dovecot that delivered it, or the tag under which Rspamd checked
it; a refusal before there was a number, by its recipient.

DIAGNOSTICS
    OSError   journalctl cannot be run
"""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ..system.programs import ENVIRONMENT
from .follower import FIELDS, matches
from .journal_export import ExportReader
from .log_events import JournalEntry
from .postfix_lines import shown
from .story import MessageStory
from .traced import TracedLine, TracedLines, moment

MOST_LINES = 500
MOST_SPANS = 12
_MOST_READ, _CHUNK = 30_000, 1 << 18
_LONGEST = 4000
_AROUND = 10.0
"""Seconds before and after a step."""
_SECONDS = 10.0
_WORD = re.compile(r'[0-9A-Za-z+/=@._-]+')
_SAVED = re.compile(r'\(250 2\.\d+\.\d+ <[^<>]*> (\S+) Saved\)')
_TAG = re.compile(r'<([0-9a-z]{4,10})>; ')
Span = tuple[float, float]


def spans(story: MessageStory) -> list[Span]:
    """The times to look at, joined where they touch; the last ones if there are many."""
    times = {story.first, story.last}
    for step in story.steps:
        times |= {step.at, step.last or step.at}
    found: list[Span] = []
    for at in sorted(times):
        if found and at - _AROUND <= found[-1][1]:
            found[-1] = found[-1][0], at + _AROUND
        else:
            found.append((at - _AROUND, at + _AROUND))
    return found[-MOST_SPANS:]


def _command(span: Span) -> Sequence[str]:
    return (
        'journalctl', '--quiet', '--no-pager', '--all', '--output=export', FIELDS,
        f'--since=@{span[0]:.6f}', f'--until=@{span[1]:.6f}', *matches(),
    )  # fmt: skip


def journal(span: Span) -> list[JournalEntry]:
    """Entries of a time, the first of too many."""
    process = subprocess.Popen(
        _command(span), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL, env=ENVIRONMENT,
    )  # fmt: skip
    stream = process.stdout
    assert stream is not None  # noqa: S101
    reader = ExportReader()
    with stream:
        chunks = iter(lambda: os.read(stream.fileno(), _CHUNK), b'')
        entries = (entry for chunk in chunks for entry in reader.take(chunk))
        found = list(islice(entries, _MOST_READ))
    process.kill()
    process.wait(_SECONDS)
    return found


def _refused(story: MessageStory, text: str) -> bool:
    """Whether a line without a number is about one of the recipients."""
    if story.queue_ids or 'NOQUEUE: ' not in text or f'[{story.client}]' not in text:
        return False
    return any(f'<{end.address}>' in text for end in story.ends.values())


def _about(story: MessageStory, entries: Sequence[JournalEntry]) -> Iterator[JournalEntry]:
    """The entries about a message."""
    names = set(story.queue_ids)
    direct = [entry for entry in entries if names & set(_WORD.findall(entry.text))]
    for entry in direct:
        if session := _SAVED.search(entry.text):
            names.add(session[1])
        if entry.source == 'rspamd' and (tag := _TAG.match(entry.text)):
            names.add(tag[1])
    for entry in entries:
        if names & set(_WORD.findall(entry.text)) or _refused(story, entry.text):
            yield entry


def lines(story: MessageStory, entries: Iterable[JournalEntry]) -> TracedLines:
    """The lines about a message among these entries."""
    found = list(islice(_about(story, tuple(entries)), MOST_LINES + 1))
    return TracedLines(
        tuple(
            TracedLine(moment(each.at), shown(each.source, 60), shown(each.text, _LONGEST))
            for each in found[:MOST_LINES]
        ),
        len(found) > MOST_LINES,
    )


def look(story: MessageStory) -> TracedLines:
    """The lines about a message in the journal."""
    return lines(story, (entry for span in spans(story) for entry in journal(span)))
