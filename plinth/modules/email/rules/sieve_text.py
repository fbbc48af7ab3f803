# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sieve (RFC 5228) as text: strings, lists of strings, tests and blocks.

All that people typed comes into a script by `quoted` and `comment`, and by nothing else. Our
scripts never ask for `variables` or `encoded-character`, so `${…}` in a string means itself.
"""

from collections.abc import Iterable, Sequence


def quoted(text: str) -> str:
    """A string, whatever is in the text; ends of lines are stored as they are."""
    escaped = text.replace('\0', '').replace('\\', '\\\\').replace('"', '\\"')
    return f'"{escaped}"'


def strings(texts: Sequence[str]) -> str:
    """One string, or a list of several."""
    if len(texts) == 1:
        return quoted(texts[0])
    return f'[{", ".join(map(quoted, texts))}]'


def comment(text: str) -> str:
    """Text within a comment: one line, whatever is in the text."""
    return ' '.join(''.join(sign if sign.isprintable() else ' ' for sign in text).split())


def joined(tests: Sequence[str], match: str = 'all') -> str:
    """Several tests as one: all of them, or any."""
    if not tests:
        return 'true'
    return f'{match}of ({", ".join(tests)})'


def block(title: str, test: str, actions: Iterable[str], word: str = 'if') -> str:
    """One rule: its title, a test and its actions, in the form Roundcube reads and writes."""
    lines = ''.join(f'\t{action}\n' for action in actions)
    return f'# rule:[{comment(title)}]\n{word} {test}\n{{\n{lines}}}\n'


def require(extensions: Iterable[str]) -> str:
    """The line that names the extensions a script uses."""
    found = sorted(set(extensions))
    return f'require [{", ".join(map(quoted, found))}];\n' if found else ''
