# SPDX-License-Identifier: AGPL-3.0-or-later
"""The imports between our Python files, read from their text, and what depends on a file."""

import ast
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath


def reaching(uses: Mapping[str, Iterable[str]], begins: Iterable[str]) -> dict[str, list[str]]:
    """Files that depend on the given ones, each with the shortest way there, itself first."""
    users: dict[str, list[str]] = {}
    for user, used in uses.items():
        for each in used:
            users.setdefault(each, []).append(user)
    ways = {path: [path] for path in sorted(begins)}
    waiting = deque(ways)
    while waiting:
        path = waiting.popleft()
        for user in sorted(users.get(path, ())):
            if user not in ways:
                ways[user] = [user, *ways[path]]
                waiting.append(user)
    return ways


def uses(root: Path, files: Sequence[str]) -> dict[str, set[str]]:
    """Each of these files with those among them that it needs.

    A file that was deleted may be among them: who imports it still needs it.
    """
    known = set(files)
    texts = {
        name: (root / name).read_text(encoding='utf-8')
        for name in files
        if name.endswith('.py') and (root / name).exists()
    }
    trees = {name: ast.parse(text) for name, text in texts.items()}
    found = {
        name: _files_of(_imports(name, tree), known) | _settings_of(name, known)
        for name, tree in trees.items()
    }
    for package, word, needed in _lazy(trees, known):
        for name in (name for name, text in texts.items() if word in text and name != package):
            found[name] |= needed
    return {name: needed - {name} for name, needed in found.items()}


def _lazy(trees: Mapping[str, ast.Module], known: set[str]) -> Iterator[tuple[str, str, set[str]]]:
    """Packages that import a name only when asked for it: the package, the name, its files."""
    for name, tree in trees.items():
        for function in filter(_is_asked, tree.body):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom):
                    base = _base(PurePosixPath(name).parent.parts, node)
                    for alias in node.names:
                        yield name, alias.name, _files_of([(*base, alias.name)], known)


def _settings_of(name: str, known: set[str]) -> set[str]:
    """The files pytest loads before a test: those named conftest in its folder and above."""
    folders = PurePosixPath(name).parents if _is_test(name) else []
    return {str(folder / 'conftest.py') for folder in folders} & known


def _is_test(name: str) -> bool:
    return PurePosixPath(name).name.startswith(('test_', 'conftest'))


def _imports(name: str, tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """Everything a file imports, in functions too, as parts of dotted names."""
    package = PurePosixPath(name).parent.parts
    is_dynamic = False
    parts = (part for part in tree.body if not _is_asked(part))
    for node in (node for part in parts for node in ast.walk(part)):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split('.')) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(package, node)
            yield base
            yield from ((*base, alias.name) for alias in node.names)
        is_dynamic |= isinstance(node, ast.Attribute) and node.attr == 'import_module'
    if is_dynamic:
        yield from _by_name(package, tree)


def _is_asked(node: ast.AST) -> bool:
    """Whether this is the function of a module that is asked for names it lacks (PEP 562)."""
    return isinstance(node, ast.FunctionDef) and node.name == '__getattr__'


def _base(package: tuple[str, ...], node: ast.ImportFrom) -> tuple[str, ...]:
    above = package[: len(package) - node.level + 1] if node.level else ()
    return (*above, *(node.module.split('.') if node.module else ()))


def _by_name(package: tuple[str, ...], tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """Modules that strings may name, in a file that imports modules by their names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = tuple(word for word in node.value.split('.') if word)
            if words and all(word.isidentifier() for word in words):
                yield from ((*package[:depth], *words) for depth in range(len(package) + 1))


def _files_of(names: Iterable[tuple[str, ...]], known: set[str]) -> set[str]:
    """The files that are loaded for dotted names: the modules, and the packages they are in."""
    found = set()
    for parts in names:
        for depth in range(1, len(parts) + 1):
            path = '/'.join(parts[:depth])
            found |= {f'{path}.py', f'{path}/__init__.py'} & known
    return found
