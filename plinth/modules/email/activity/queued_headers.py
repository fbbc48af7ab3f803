# SPDX-License-Identifier: AGPL-3.0-or-later
"""The header of a message in the queue, and never its body.

Postfix prints the header alone (`postcat -h`), and reading ends at the first line that cannot be
part of one, in case it did not. All of it is text of strangers.

DIAGNOSTICS
    queue-id-invalid   no name of a message in the queue
    queued-missing     the message is not in the queue (any more)
    queue-failed       Postfix took too long
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from ..errors import MailError
from ..sending import queue_moves
from ..system import programs
from ..system.json_value import JsonValue
from .queue_entry import visible

MOST_LINES = 1000
MOST_FIELDS = 100
LONGEST_VALUE = 2000
SECONDS = 5.0
_FIELD = re.compile(r'([\x21-\x39\x3b-\x7e]{1,100})[ \t]*:(.*)', re.DOTALL)
"""A field of RFC 5322: its name, and the beginning of its value."""


@dataclass(frozen=True)
class HeaderField(JsonValue):
    """A field of the header, unfolded and cut."""

    name: str
    value: str


def _unfolded(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield each field as its name and the parts of its value, up to the end of the header."""
    found: list[str] = []
    for line in lines:
        text = line.rstrip('\r\n')
        if found and text[:1] in (' ', '\t') and text.strip():
            found.append(text)
            continue
        if found:
            yield found
        begins = _FIELD.match(text)
        if not begins:
            return
        found = [begins[1], begins[2]]
    if found:
        yield found


def fields(lines: Iterable[str]) -> tuple[HeaderField, ...]:
    """The fields of a header; what follows it is not read."""
    parts = itertools.islice(_unfolded(itertools.islice(lines, MOST_LINES)), MOST_FIELDS)
    return tuple(
        HeaderField(name, visible(' '.join(''.join(value).split()), LONGEST_VALUE))
        for name, *value in parts
    )


def read(name: str) -> tuple[HeaderField, ...]:
    """The header of a message in the queue."""
    if not queue_moves.NAME.fullmatch(name):
        raise MailError('queue-id-invalid')
    try:
        with closing(programs.lines(['postcat', '-hq', name], SECONDS)) as lines:
            return fields(lines)
    except TimeoutError as error:
        raise MailError('queue-failed.list', str(error)) from error
    except OSError as error:
        raise MailError('queued-missing', str(error), name=name) from error
