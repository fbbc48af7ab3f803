# SPDX-License-Identifier: AGPL-3.0-or-later
"""The text of one service of master.cf, changed in our columns and options only.

An option of the administrator's stays where it is, byte for byte, and so does any other word of
the command line. Of several options of one name the last counts, as it does for Postfix.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..config.state import Value
from .tokens import COMMENT_LINE, POSTFIX_FOLD, Item

_BLANK = ' \t\r\n'
_COLUMNS = 6

Repair = tuple[int, int, str]
"""A part of a text, from and to, and what shall stand there."""


@dataclass(frozen=True)
class _Option:
    """An option of a command line, and where it stands."""

    start: int
    stop: int
    key: str
    value: str


def render(key: str, value: str) -> str:
    """The words of an option; braces keep the white space in a value together."""
    return f'-o {{ {key} = {value} }}' if ' ' in value else f'-o {key}={value}'


def _options(item: Item) -> Iterator[_Option]:
    """The options of a service; any other word is not ours."""
    words = iter(zip(item.words[_COLUMNS:], item.places[_COLUMNS:], strict=True))
    for word, place in words:
        if not word.startswith('-o'):
            continue
        text, end = (word[2:], place) if word != '-o' else next(words, ('', place))
        text = POSTFIX_FOLD.sub(' ', text)
        if text.startswith('{') and text.endswith('}'):
            text = text[1:-1]
        key, _, value = text.partition('=')
        yield _Option(place.start, end.stop, key.strip(_BLANK), value.strip(_BLANK))


def repairs(
    item: Item, columns: Sequence[str], wanted: Iterable[tuple[str, Value]]
) -> list[Repair]:
    """Changes to the text of a service by which columns and options are as wanted."""
    found = [
        (place.start, place.stop, column)
        for place, word, column in zip(item.places, item.words, columns, strict=False)
        if word != column
    ]
    there = list(_options(item))
    end = len(item.head)
    for key, value in wanted:
        same = [option for option in there if option.key == key]
        if value is None:
            found += [_removal(item.head, option) for option in same]
        elif not same:
            found.append((end, end, f'  {render(key, value)}\n'))
        elif same[-1].value != value:
            found.append((same[-1].start, same[-1].stop, render(key, value)))
    return found


def _removal(text: str, option: _Option) -> Repair:
    """The part to take out: the line, if an option has it for itself, else its words and blanks."""
    start = len(text[: option.start].rstrip(' \t'))
    stop = len(text) - len(text[option.stop :].lstrip(' \t\r'))
    if not text[:start].endswith('\n'):
        return start, option.stop, ''
    return (start, stop + 1, '') if text[stop : stop + 1] == '\n' else (option.start, stop, '')


def repaired(text: str, changes: Iterable[Repair]) -> str:
    """The text of a service after repairs; comments in removed text come behind it."""
    comments: list[str] = []
    limit = len(text)
    for start, stop, new in sorted(changes, key=lambda change: change[:2])[::-1]:
        end = min(stop, limit)  # two options that share a line share the blanks between them
        comments[:0] = COMMENT_LINE.findall(text[start:end])
        text = text[:start] + new + text[end:]
        limit = start
    return text + ''.join(comments)
