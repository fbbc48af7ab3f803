# SPDX-License-Identifier: AGPL-3.0-or-later
"""Style of the sentences people read, as far as a machine can judge it."""

import ast
import functools
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / 'plinth/modules'

GETTEXT = {
    '_': (0,), 'gettext': (0,), 'gettext_lazy': (0,), 'gettext_noop': (0,),
    'ngettext': (0, 1), 'ngettext_lazy': (0, 1),
}  # fmt: skip
"""Functions that take a sentence, and which of their arguments it is."""
TRANSLATED = {'_', 'gettext', 'gettext_lazy', 'ngettext', 'ngettext_lazy'}

RULES = {
    'a person without a name': re.compile(r'\b(some|no|any|every)body\b|\bwhoever\b', re.I),
    'e-mail with a hyphen': re.compile(r'\be-mail', re.I),
    'a straight quotation mark': re.compile('"'),
    'British spelling': re.compile(r'recognis|authoris|organis|cancell|colour|behaviour', re.I),
    'a sentence turned around': re.compile(r'\bby itself\b|as it should be|\bfor good\b', re.I),
}

EXCEPTIONS: dict[str, set[str]] = {}
"""Rules a file is allowed to break, by its name below the folder of the apps."""


def _text(node: ast.expr) -> str:
    """The words of a literal, with … for what is put into it."""
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else ''
    if isinstance(node, ast.JoinedStr):
        return ''.join(_text(part) or '…' for part in node.values)
    if isinstance(node, ast.IfExp):
        return f'{_text(node.body)} {_text(node.orelse)}'
    return ''


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ''
    return getattr(node.func, 'id', '') or getattr(node.func, 'attr', '')


def _programs() -> list[Path]:
    return [path for path in APP.rglob('*.py') if 'tests' not in path.parts]


def _templates() -> list[Path]:
    return sorted(APP.rglob('templates/*.html'))


def _in_programs() -> Iterator[tuple[str, int, str]]:
    for path in _programs():
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            for place in GETTEXT.get(_called(node), ()):
                assert isinstance(node, ast.Call)
                if len(node.args) > place and (text := _text(node.args[place])):
                    yield str(path.relative_to(APP)), node.lineno, re.sub(r'<[^>]*>', '', text)


def _in_templates() -> Iterator[tuple[str, int, str]]:
    shown = re.compile(
        r'{% trans "([^"]*)"|{% trans \'([^\']*)\'|{% blocktrans[^%]*%}(.*?){% endblocktrans %}',
        re.DOTALL,
    )
    for path in _templates():
        text = path.read_text(encoding='utf-8')
        for found in shown.finditer(text):
            words = re.sub(r'<[^>]*>', '', next(filter(None, found.groups()), ''))
            yield str(path.relative_to(APP)), text.count('\n', 0, found.start()) + 1, words


def test_there_are_sentences() -> None:
    """Sentences are found: a rule that reads nothing is kept by everything."""
    assert len(list(_in_programs())) > 400
    assert len(list(_in_templates())) > 150


@pytest.mark.parametrize('rule', RULES)
def test_sentences_follow_the_style(rule: str) -> None:
    wrong = [
        f'{path}:{line}: {text}'
        for path, line, text in [*_in_programs(), *_in_templates()]
        if RULES[rule].search(text) and rule not in EXCEPTIONS.get(path, ())
    ]
    assert not wrong, f'Shown to people, with {rule}:\n' + '\n'.join(wrong)


def _is_glued(node: ast.AST) -> bool:
    """Whether a translated text is put together with another one."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return bool({_called(node.left), _called(node.right)} & TRANSLATED)
    if isinstance(node, ast.JoinedStr):
        parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return any(_called(part) in TRANSLATED for part in parts)
    # What is translated must be known beforehand, so that translators see it.
    return (
        isinstance(node, ast.Call)
        and _called(node) in TRANSLATED
        and any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in node.args)
    )


def test_no_sentence_is_glued_together() -> None:
    glued = [
        f'{path.relative_to(APP)}:{node.lineno}'
        for path in _programs()
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
        if isinstance(node, ast.expr) and _is_glued(node)
    ]
    opened = re.compile(r'{% trans "[^"]*[:,]" %}\s*{{|{% trans "[^"]*" %}\s*{% moment \S+ %}')
    glued += [
        f'{path.relative_to(APP)}: {found.group()}'
        for path in _templates()
        for found in opened.finditer(path.read_text(encoding='utf-8'))
    ]
    assert not glued, 'Give a whole sentence with placeholders instead:\n' + '\n'.join(glued)


SPOKEN = {'words', 'forms', 'command', 'templatetags'}
"""Rooms with sentences that people read; templates have the others."""
OTHERS = {'email/config/state.py', 'email/clients/autodiscover.py'}
"""Texts in files of daemons, and Outlook's own words."""
SENTENCE = re.compile(r'[“{A-Z].*\s.*\s.*[.?!]”?\s*', re.DOTALL)
FOR_DEVELOPERS = {
    'AssertionError',
    'ValueError',
    'TypeError',
    'OSError',
    'LookupError',
    'TimeoutError',
    'Refusal',
}
LOGS = {'debug', 'info', 'warning', 'error', 'exception'}


def _silent(tree: ast.AST) -> Iterator[ast.AST]:
    """Texts no page shows: docstrings, faults of our own code, and the log."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.Call) and _called(node) in FOR_DEVELOPERS | LOGS:
            yield from ast.walk(node)


def _is_other(path: Path) -> bool:
    return str(path.relative_to(APP)) in OTHERS


def test_sentences_lie_in_words() -> None:
    found = []
    for path in _programs():
        room = path.relative_to(APP).parts[1]
        if path.relative_to(APP).parts[0] != 'email' or room in SPOKEN or _is_other(path):
            continue
        tree = ast.parse(path.read_text(encoding='utf-8'))
        silent = set(map(id, _silent(tree)))
        found += [
            f'{path.relative_to(APP)}:{node.lineno}: {_text(node)}'
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant | ast.JoinedStr)
            and id(node) not in silent
            and SENTENCE.fullmatch(_text(node))
        ]
    assert not found, 'Sentences outside words/, forms and templates:\n' + '\n'.join(found)


_VAGUE = re.compile(r'(?:Return|Tell whether|What|Who|Whose|Whoever|Whatever)\b')
"""The first word of a docstring that does not begin with the thing itself."""
_HIDDEN = re.compile(
    r'\b(?:some|any|every)body\b|\bnobody\b(?![@-])|\bwhoever\b|\b(?:he|his|him)\b', re.I
)
"""A person without a name; `nobody` is also an account of the system."""


@functools.cache
def _spoken(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple(_read(path))


def _read(path: Path) -> Iterator[tuple[int, str]]:
    """The docstrings and comments of a program, and the names of tests as words."""
    source = path.read_text(encoding='utf-8')
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.lineno, f'"{node.value.value}'
        if isinstance(node, ast.FunctionDef) and node.name.startswith('test_'):
            yield node.lineno, node.name.replace('_', ' ')
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _all_programs() -> list[Path]:
    folders = ('plinth', 'lab', 'tests', 'debian')
    found = [path for name in folders for path in (ROOT / name).rglob('*.py')]
    return [path for path in found if path != Path(__file__)]


def test_docstrings_begin_with_the_thing() -> None:
    vague = [
        f'{path.relative_to(ROOT)}:{line}: {text}'
        for path in _all_programs()
        for line, text in _spoken(path)
        if text.startswith('"') and _VAGUE.match(text[1:])
    ]
    assert not vague, '\n'.join(vague)


def test_docstrings_and_comments_name_persons() -> None:
    hidden = [
        f'{path.relative_to(ROOT)}:{line}: {text}'
        for path in _all_programs()
        for line, text in _spoken(path)
        if _HIDDEN.search(text)
    ]
    assert not hidden, '\n'.join(hidden)
