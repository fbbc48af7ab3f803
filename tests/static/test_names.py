# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names mean one thing: classes in the whole tree, modules in the rooms of the app."""

import ast
import re
import subprocess
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = 'plinth/modules/email'
DOUBLES = {'World', 'Clock'}
"""Stand-ins of tests, each the same kind of thing in its own test."""
FRONT = {'views', 'forms', 'command', 'privileged', 'words', 'words/errors'}
"""Rooms with one file a page, form, noun or topic, named as the model behind it."""
SHARED = {'dmarc'}
"""Names of protocols that two models speak: DMARC has a record, and reports."""
PROGRAM = re.compile(r'from (plinth\.modules\.email[\w.]*) import (\w+(?:, \w+)*)')


def _modules() -> list[Path]:
    listing = subprocess.run(
        ['git', 'ls-files', '-co', '--exclude-standard', '*.py'],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [Path(name) for name in listing if (ROOT / name).is_file()]


def test_a_class_name_means_one_thing() -> None:
    places = defaultdict(set)
    for path in _modules():
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding='utf-8'))):
            if isinstance(node, ast.ClassDef) and node.name not in DOUBLES:
                places[node.name].add(str(path))
    assert len(places) > 250, 'classes are read'
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_a_file_name_means_one_model() -> None:
    rooms = defaultdict(set)
    for path in _modules():
        if path.is_relative_to(APP) and 'tests' not in path.parts and path.stem != '__init__':
            rooms[path.stem].add(str(path.relative_to(APP).parent))
    assert len(rooms) > 150, 'modules are read'
    models = {name: found - FRONT for name, found in rooms.items() if name not in SHARED}
    assert not {name: found for name, found in models.items() if len(found) > 1}


def _imports_in_texts() -> list[tuple[Path, str, str]]:
    """Imports of the app's modules in programs that tests hand to Python as text."""
    found = []
    for path in _modules():
        if path.parts[0] not in ('tests', 'lab'):
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding='utf-8'))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for module, names in PROGRAM.findall(node.value):
                    found += [(path, module, name) for name in names.split(', ')]
    return found


def _is_there(module: str, name: str) -> bool:
    """Whether a module of the app, or a room, has this name."""
    place = ROOT / module.replace('.', '/')
    if (place / f'{name}.py').exists() or (place / name).is_dir():
        return True
    file = place / '__init__.py' if place.is_dir() else place.with_suffix('.py')
    return file.exists() and re.search(rf'\b{name}\b', file.read_text(encoding='utf-8')) is not None


def test_programs_in_texts_import_what_is_there() -> None:
    imports = _imports_in_texts()
    assert imports, 'programs are read'
    assert not [each for each in imports if not _is_there(each[1], each[2])]
