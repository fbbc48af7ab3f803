# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postfix's table that puts the meaning of an answer before it, made from the table of meanings.

    python -m lab.plain_answers --write

Postfix puts the text of a failed delivery into its notices to senders, and into the log. The table
(`smtp_delivery_status_filter`, regexp_table(5)) has the rules of `status-codes.json` in the same
order. Patterns there are POSIX ones; addresses are not left out, as they are elsewhere.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from plinth.modules.email.activity.status_codes import ANSWER
from plinth.modules.email.words.status_codes import MEANINGS

_FOLDER = Path(__file__).parents[1] / 'data/usr/share/freedombox-email'
SOURCE = _FOLDER / 'status-codes.json'
TARGET = _FOLDER / 'postfix/answers.regexp'
_HEAD = (
    '# SPDX-License-Identifier: AGPL-3.0-or-later\n'
    '# Made of status-codes.json by lab/plain_answers.py: what an answer means, then the answer.\n'
)
_SAID = '(said|refused to talk to me)'
_OWN_WORDS = ('postfix', 'rfc7505')
"""Sources of texts that are Postfix's own, which no server said."""


def _posix(pattern: str) -> str:
    """A pattern as POSIX has it: no groups that are not numbered, no class of digits."""
    return pattern.replace('(?:', '(').replace('\\d', '[0-9]').replace('/', '.')


def _code(code: str) -> str:
    """The pattern of a code, or of all codes with this beginning."""
    if not code:
        return '[45]\\.[0-9]+\\.[0-9]+'
    return re.escape(code) + ('[0-9.]+' if code.endswith('.') else '')


def _text(rule: dict[str, str], hosts: list[str]) -> str:
    """The pattern of the text behind the code."""
    text = _posix(rule.get('text', ''))
    if rule['source'] in _OWN_WORDS and text.startswith('^'):
        return '|'.join(f'{each.removeprefix("^")}.*' for each in text.split('|'))
    server = '[^ ]*'
    if hosts:
        names = '|'.join(map(re.escape, hosts))
        server = f'([^ ]*\\.)?({names})\\[[^ ]*'
    if text:
        said = f'host {server} {_SAID}: .*({text}).*'
        return f'{said}|.*({text}).*' if rule['source'] in _OWN_WORDS else said
    return f'host {server} {_SAID}: .*' if hosts else '.*'


def _line(rule: dict[str, str], hosts: list[str]) -> str:
    pattern = f'^({_code(rule.get("code", ""))}) ({_text(rule, hosts)})$'
    return f'/{pattern}/ $1 {MEANINGS[rule["meaning"]][0]}{ANSWER}$2\n'


def table() -> str:
    """The whole table."""
    raw: dict[str, Any] = json.loads(SOURCE.read_text('utf-8'))
    hosts = raw['hosts']
    return _HEAD + ''.join(_line(rule, hosts.get(rule.get('at'), [])) for rule in raw['rules'])


if __name__ == '__main__':
    if '--write' in sys.argv:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(table(), 'utf-8')
    else:
        print(table(), end='')
