# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names of code in the README and doc/: each file, function, verb and error code is there.

A name is what stands in code style. Other programs have names, too: those that this tree also
writes down, such as parameters of Postfix, are found in it, and the rest is in FOREIGN.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from plinth.modules.email.words.errors import SENTENCES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'doc').glob('*.md'))]
PLACES = ('', 'plinth/modules/email', 'plinth/modules', 'tests', 'data')
"""Folders in which paths on our pages begin."""

FOREIGN: dict[str, str] = {
}
"""Names of other programs that are only in the pages, by the program they belong to."""


class Name(NamedTuple):
    """A text in code style, and the page it is on."""

    page: str
    text: str


def _names() -> Iterator[Name]:
    """All texts in code style: between back quotes, and lines of commands."""
    for page in PAGES:
        text = re.sub(r'^```.*?^```$', '', page.read_text('utf-8'), flags=re.M | re.S)
        yield from (Name(page.name, line) for line in re.findall(r'^ {4}(\S.*)$', text, re.M))
        for paragraph in re.split(r'\n\s*\n|\n(?=[|-])', text):
            for quoted in re.findall(r'`([^`]+)`', paragraph):
                yield Name(page.name, re.sub(r'\s+', ' ', quoted))


NAMES = sorted(set(_names()))
FILES = subprocess.run(
    ['git', 'ls-files', '-co', '--exclude-standard'], cwd=ROOT, capture_output=True, text=True,
    check=True,
).stdout.splitlines()  # fmt: skip
SOURCES = [
    ROOT / name
    for name in FILES
    if not re.search(r'\.(md|png|po)$', name)
    and name != 'tests/static/test_doc_names.py'
    and (ROOT / name).is_file()
]


@cache
def _words() -> frozenset[str]:
    """All words of the tree but those of its pages."""
    texts = (path.read_text('utf-8', errors='replace') for path in SOURCES)
    return frozenset(word for text in texts for word in re.findall(r'\w[\w-]*\w', text))


class Code(NamedTuple):
    """Names that the Python code of the tree defines."""

    modules: frozenset[str]
    members: frozenset[tuple[str, str]]
    """Modules and classes, each with a name in it."""


def _defined(node: ast.AST) -> Iterator[str]:
    """The names that a statement of a module or class defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (each.id for each in targets if isinstance(each, ast.Name))
    elif isinstance(node, ast.ImportFrom):
        yield from (each.asname or each.name for each in node.names)


@cache
def _code() -> Code:
    members = set()
    modules = [path for path in SOURCES if path.suffix == '.py']
    for path in modules:
        tree = ast.parse(path.read_text('utf-8'))
        stem = path.parent.name if path.stem == '__init__' else path.stem
        members |= {(stem, name) for node in tree.body for name in _defined(node)}
        for each in ast.walk(tree):
            if isinstance(each, ast.ClassDef):
                members |= {(each.name, name) for node in each.body for name in _defined(node)}
    return Code(frozenset(path.stem for path in modules), frozenset(members))
