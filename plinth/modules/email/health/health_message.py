# SPDX-License-Identifier: AGPL-3.0-or-later
"""The message about news of the checks: what broke, and what is well again."""

from collections.abc import Sequence
from datetime import tzinfo

from ..words import health_messages as words
from .since import Standing


def _subject(broken: Sequence[Standing], solved: Sequence[Standing]) -> str:
    """The subject line: the first problem, and how many there are."""
    found = broken or solved
    one, more = words.PROBLEM_SUBJECT if broken else words.SOLVED_SUBJECT
    first = found[0]
    title = str(first.sentence if broken else first.title).rstrip('.')
    text = one if len(found) == 1 else more
    return ' '.join(text.format(count=len(found), title=title).split())


def _problem(each: Standing, zone: tzinfo) -> list[str]:
    time = words.SINCE.format(time=f'{each.since.astimezone(zone):%Y-%m-%d %H:%M}')
    advice = [f'  {text}' for text in map(str, each.advice) if text]
    return [f'* {each.title}', f'  {each.sentence}', *advice, f'  {time}', '']


def compose(news: Sequence[Standing], zone: tzinfo) -> tuple[str, str]:
    """Subject and text of the message about news."""
    broken = [each for each in news if each.is_bad]
    solved = [each for each in news if not each.is_bad]
    lines = [words.PROBLEMS, ''] if broken else [words.SOLVED, '']
    for each in broken:
        lines += _problem(each, zone)
    if broken and solved:
        lines += [words.ALSO_SOLVED, '']
    lines += [f'* {each.title}' for each in solved]
    lines += ['', words.MORE] if solved else [words.MORE]
    return _subject(broken, solved), '\n'.join([*lines, ''])
