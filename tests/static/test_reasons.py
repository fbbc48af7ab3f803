# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each reason has a sentence, each sentence a reason, and what it names is given."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from plinth.modules.email.words.errors import SENTENCES

ROOT = Path(__file__).parents[2]
APP = ROOT / 'plinth/modules/email'
MAKERS = {'MailError', 'Reason', 'RefusalError', 'report'}


class Use(NamedTuple):
    """A place that makes a reason: its key as a pattern, and the values it gives."""

    place: str
    key: str
    given: frozenset[str] | None
    """None where they are not written out."""


def _pattern(node: ast.expr) -> str:
    """The key as a regular expression; '' where it is not written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.IfExp):
        return f'(?:{_pattern(node.body)}|{_pattern(node.orelse)})'
    if isinstance(node, ast.JoinedStr):
        return ''.join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else '[a-z-]+'
            for part in node.values
        )
    return ''


def _given(call: ast.Call) -> frozenset[str] | None:
    names = {each.arg for each in call.keywords}
    for each in call.args[1:]:
        if isinstance(each, ast.Dict) and None not in each.keys:
            names |= {key.value for key in each.keys if isinstance(key, ast.Constant)}
        elif isinstance(each, ast.Dict) or getattr(call.func, 'id', '') == 'Reason':
            return None
    return None if None in names or len(call.args) > 2 else frozenset(map(str, names))


def _uses() -> Iterator[Use]:
    for path in APP.rglob('*.py'):
        if 'tests' in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, 'id', '') or getattr(node.func, 'attr', '')
                if name in MAKERS and (key := _pattern(node.args[0])):
                    yield Use(f'{path.relative_to(ROOT)}:{node.lineno}', key, _given(node))


USES = list(_uses())
_NAMES = string.Formatter()


def _named(text: str | tuple[str, str]) -> set[str]:
    """The values a sentence names."""
    whole = text if isinstance(text, str) else ''.join(text) + '{count}'
    return {name for _text, name, _form, _kind in _NAMES.parse(whole) if name}


def test_reasons_are_found() -> None:
    assert len(USES) > 200


def test_each_reason_has_a_sentence() -> None:
    known = '\n'.join([*SENTENCES, *(f'{key}.follow' for key in SENTENCES)])
    missing = [
        f'{use.place}: {use.key}' for use in USES if not re.search(f'^{use.key}$', known, re.M)
    ]
    assert not missing, 'No sentence for:\n' + '\n'.join(missing)


def test_each_reason_gives_what_its_sentence_names() -> None:
    wrong = [
        f'{use.place}: {key} lacks {", ".join(sorted(lacking))}'
        for use in USES
        if use.given is not None and '[' not in use.key  # else one of several
        for key, text in SENTENCES.items()
        if re.fullmatch(use.key, key) and (lacking := _named(text) - use.given)
    ]
    assert not wrong, '\n'.join(wrong)


def test_each_sentence_is_used() -> None:
    code = ''.join(
        path.read_text(encoding='utf-8')
        for path in APP.rglob('*.py')
        if not {'tests', 'words'} & set(path.relative_to(APP).parts)
    )
    idle = [
        key
        for key in SENTENCES
        if f"'{key}'" not in code and not any(re.fullmatch(use.key, key) for use in USES)
    ]
    assert idle in ([], ['follow']), f'Nothing leads to: {idle}'
