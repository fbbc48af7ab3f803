# SPDX-License-Identifier: AGPL-3.0-or-later
"""Texts as translators get them: collected by xgettext as Django's makemessages calls it."""

import ast
import json
import re
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
APPS = ROOT / 'plinth/modules'
WORDS = APPS / 'email/words'
KEYWORDS = (
    'gettext_noop', 'gettext_lazy', 'ngettext_lazy:1,2', 'pgettext:1c,2', 'npgettext:1c,2,3',
    'pgettext_lazy:1c,2', 'npgettext_lazy:1c,2,3',
)  # fmt: skip
MARKS = {'_', 'gettext', 'gettext_lazy', 'gettext_noop', 'ngettext', 'ngettext_lazy'}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SHOWN = re.compile(
    r'{% trans "([^"]*)"|{% blocktrans(?![^%]*trimmed)[^%]*%}(.*?){% endblocktrans %}', re.DOTALL
)
"""Texts of templates whose spaces are kept."""
_FORMATTER = string.Formatter()


class CatalogText(NamedTuple):
    """One text of a catalog, and its plural."""

    one: str
    more: str = ''

    @property
    def forms(self) -> tuple[str, ...]:
        """The texts that are there."""
        return (self.one, self.more) if self.more else (self.one,)


def _entry(block: str) -> CatalogText:
    texts = {'msgid': '', 'msgid_plural': ''}
    name = ''
    for line in block.splitlines():
        if line.startswith(('msgid', 'msgstr')):
            name = line.partition(' ')[0]
        if name in texts and (found := _QUOTED.search(line)):
            texts[name] += str(json.loads(found.group()))
    return CatalogText(*texts.values())


def _programs() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT)) for path in APPS.rglob('*.py') if 'tests' not in path.parts
    )


def _catalog() -> list[CatalogText]:
    """The texts of all programs, without the header."""
    command = [
        'xgettext', '--language=Python', '--from-code=UTF-8', '--no-wrap', '--output=-',
        *(f'--keyword={each}' for each in KEYWORDS), *_programs(),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [_entry(block) for block in done.stdout.split('\n\n')[1:] if 'msgid' in block]


ENTRIES = _catalog()
TEXTS = [text for entry in ENTRIES for text in entry.forms]


def _fields(text: str) -> list[str]:
    return [name for _text, name, _form, _kind in _FORMATTER.parse(text) if name is not None]


def test_texts_are_collected() -> None:
    """A rule that reads nothing is kept by everything."""
    assert len(ENTRIES) > 800
    assert sum(bool(entry.more) for entry in ENTRIES) > 30


def test_placeholders_have_names() -> None:
    nameless = [
        text
        for text in TEXTS
        if re.search(r'%[sdrif]', text)
        or any(not name or name[0].isdigit() for name in _fields(text))
    ]
    assert not nameless, 'Placeholders without a name:\n' + '\n'.join(nameless)


def test_no_text_begins_or_ends_with_a_space() -> None:
    texts = [*TEXTS]
    for path in sorted(APPS.rglob('templates/*.html')):
        for found in _SHOWN.finditer(path.read_text(encoding='utf-8')):
            texts += [each for each in found.groups() if each]
    loose = [text for text in texts if text != text.strip()]
    assert not loose, 'Spaces around:\n' + '\n'.join(loose)


def test_singular_and_plural_name_the_same() -> None:
    wrong = [
        entry.one
        for entry in ENTRIES
        if entry.more and not set(_fields(entry.one)) <= set(_fields(entry.more))
    ]
    assert not wrong, wrong


def test_no_text_is_there_with_and_without_a_plural() -> None:
    """Translators would get one of the two forms twice."""
    plural = {entry.one for entry in ENTRIES if entry.more}
    assert not plural & {entry.one for entry in ENTRIES if not entry.more}


def _marked(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, 'id', '') in MARKS:
            yield from (id(each) for each in ast.walk(node))
        if isinstance(node, ast.Expr):  # docstrings
            yield id(node.value)


def test_each_text_in_words_is_marked() -> None:
    forgotten = []
    for path in WORDS.rglob('*.py'):
        if 'tests' in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding='utf-8'))
        marked = set(_marked(tree))
        forgotten += [
            f'{path.relative_to(WORDS)}:{node.lineno}: {node.value}'
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r'\w \w', node.value)
            and id(node) not in marked
        ]
    assert not forgotten, 'Not marked for translators:\n' + '\n'.join(forgotten)
