# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verb `freedombox-email trace`."""

import argparse
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from ..activity import told, tracing
from ..activity.told import ToldStep
from ..activity.traced import MOST_ROWS, TracedLines, TracedMessage, TracedPage, TraceQuestion
from ..errors import MailError
from .output import Output
from .parser import Verbs

MOST = 5


def register(verbs: Verbs) -> None:
    """Add the verb to the parser."""
    verb = verbs.add('trace', trace, 'show what happened to messages')
    verb.add_argument(
        'what', metavar='ADDRESS|MESSAGE-ID',
        help='sender or recipient, @DOMAIN for a whole domain, or the Message-ID',
    )  # fmt: skip
    verb.add_argument('--lines', action='store_true', help='show the lines of the log too')
    verb.add_argument('--since', default='', metavar='TIME', help='only messages since this time')
    verb.add_argument('--until', default='', metavar='TIME', help='only messages until this time')
    verb.add_argument(
        '--result', default='', metavar='RESULT', help='only messages with this result'
    )
    verb.add_argument('--most', type=int, default=MOST, metavar='N', help='show at most N messages')


def _asked(arguments: argparse.Namespace, address: str, message_id: str) -> TracedPage:
    question = TraceQuestion.of_words(
        address, message_id, arguments.result, (arguments.since, arguments.until), 0,
        min(max(arguments.most, 1), MOST_ROWS),
    )  # fmt: skip
    return tracing.find(question)


def _find(arguments: argparse.Namespace) -> TracedPage:
    """The messages of an address, or else those with a Message-ID; both have an @."""
    what = arguments.what.strip()
    if '@' in what and not what.startswith('<'):
        with suppress(MailError):  # it can still be a Message-ID
            if (found := _asked(arguments, what, '')).rows:
                return found
    found = _asked(arguments, '', what)
    if not found.rows:
        raise MailError('message-missing')
    return found


def _at(moment: datetime) -> str:
    return f'{moment.astimezone():%Y-%m-%d %H:%M:%S}'


def _step(step: ToldStep) -> Iterator[str]:
    """A step, and what another server said."""
    again = f' (last: {_at(step.last)})' if step.count > 1 else ''
    yield f'  {_at(step.at)}  {step.sentence}{again}'
    if step.answer and step.answer not in step.sentence:
        yield f'      {" ".join(filter(None, (step.code, step.answer)))}'
    if step.advice:
        yield f'      {step.advice}'


def _story(message: TracedMessage, lines: TracedLines) -> Iterator[str]:
    """A message: what is known of it, its steps, the ends of its copies."""
    yield f'{_at(message.first)}  {told.result(message.result)}'
    yield f'  From: {message.sender or "<>"}'
    for end in message.ends:
        asked = f' ({end.asked_for})' if end.asked_for else ''
        yield f'  To: {end.address}{asked}: {told.end(end)}'
    if message.subject:
        yield f'  Subject: {message.subject}'
    yield f'  Message-ID: {message.message_id or "-"}'
    for step in told.steps(message):
        yield from _step(step)
        if step.kind == 'checked':
            yield from (f'      {reason}' for reason in told.reasons(message))
    for line in lines.lines:
        yield f'  {line.at.astimezone():%b %d %H:%M:%S} {line.source}: {line.text}'


def _data(message: TracedMessage, lines: TracedLines, with_lines: bool) -> dict[str, Any]:
    steps = [{'sentence': step.sentence, 'meaning': step.meaning} for step in told.steps(message)]
    found = message.to_json()
    found['steps'] = [{**raw, **words} for raw, words in zip(found['steps'], steps, strict=True)]
    return {**found, **(lines.to_json() if with_lines else {})}


def trace(arguments: argparse.Namespace) -> Output:
    """Show the stories of messages, the newest first."""
    page = _find(arguments)
    stories = [
        (tracing.story(row.id), tracing.lines(row.id) if arguments.lines else TracedLines(()))
        for row in page.rows
    ]
    lines = [line for message, found in stories for line in (*_story(message, found), '')]
    if page.next:
        lines.append(
            f'There are more than {len(page.rows)} messages; see --most, --since and --until.'
        )
    data = [_data(message, found, arguments.lines) for message, found in stories]
    return Output(lines, {'messages': data, 'more': bool(page.next)})
