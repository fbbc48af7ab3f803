# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rooms of the code are those of doc/architecture.md, and imports only go down."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / 'plinth/modules/email'
PAGE = (ROOT / 'doc/architecture.md').read_text(encoding='utf-8')
PACKAGE = 'plinth.modules.email'
LOOSE = {
    '__init__',
    'app',
    'components',
    'manifest',
    'urls',
    'errors',
    'status',
    'freedombox_seams',
}


def _floors() -> dict[str, int]:
    """Each room with its floor, counted from the top."""
    table = PAGE.partition('| room | content |')[2].partition('\n\n')[0]
    rows = [line.split('|')[1] for line in table.splitlines() if line.startswith('| `')]
    return {room: floor for floor, row in enumerate(rows) for room in re.findall('`(\\w+)`', row)}


FLOORS = _floors()


def _modules() -> list[Path]:
    return [path for path in APP.rglob('*.py') if 'tests' not in path.parts]


def _imported(path: Path, node: ast.ImportFrom) -> Iterator[tuple[str, ...]]:
    """The names of an import, as parts below the app; nothing where it is not of the app."""
    base = path.relative_to(APP).parent.parts
    if node.level:
        base = base[: len(base) - node.level + 1]
        parts = (*base, *(node.module or '').split('.')) if node.module else base
    elif (node.module or '').startswith(PACKAGE):
        parts = tuple((node.module or '').split('.')[3:])
    else:
        return
    for name in node.names:
        yield (*parts, name.name)


def _arrows() -> Iterator[tuple[str, str, str]]:
    """Imports between rooms: the place, the room it is in, the room it leads to."""
    for path in _modules():
        room = path.relative_to(APP).with_suffix('').parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.ImportFrom):
                for parts in _imported(path, node):
                    if parts[0] != room and room != '__init__':
                        yield f'{path.relative_to(APP)}:{node.lineno}', room, parts[0]


def test_every_room_is_on_the_page() -> None:
    rooms = {path.relative_to(APP).with_suffix('').parts[0] for path in _modules()}
    assert rooms - {'__init__'} == set(FLOORS)


def test_no_module_lies_about() -> None:
    assert {path.stem for path in APP.glob('*.py')} <= LOOSE


def test_imports_only_go_down() -> None:
    arrows = list(_arrows())
    assert len(arrows) > 500, 'imports are read'
    up = [f'{place}: {room} → {to}' for place, room, to in arrows if FLOORS[room] > FLOORS[to]]
    assert not up, 'Imports of a room above:\n' + '\n'.join(up)


def test_rooms_of_one_floor_do_not_lean_on_each_other() -> None:
    level = {(room, to) for _place, room, to in _arrows() if FLOORS[room] == FLOORS[to]}
    both = {pair for pair in level if pair[::-1] in level}
    assert not both, f'In a circle: {both}'


CHANGES = re.findall(r'^\| ([^|]+) \| `([\w/.]+)` \|$', PAGE.partition('## Where')[2], re.MULTILINE)
ANSWERS = {
    'the smallest size of a password': 'SHORTEST = ',
    'a setting of Postfix': 'MainCf(values)',
    'a new DNS record that domains need': 'def wanted(',
    'the sentence for a verdict on DNS': 'SENTENCES: ',
    'the sentence for an error of the directory': 'SENTENCES: ',
    'a new problem on the overview': 'KINDS = ',
    'a limit on aliases a user can make': 'def _check_limit(',
    "how a daemon's file is written": 'def write(',
    'a new verb of the command about mailboxes': 'def register(',
    'what happens when FreedomBox gets a new user': 'def on_user_changed(',
}
"""The definition that such a change begins at."""


@pytest.mark.parametrize(('change', 'place'), CHANGES, ids=[change for change, _place in CHANGES])
def test_the_page_says_where_a_change_goes(change: str, place: str) -> None:
    assert ANSWERS[change] in (APP / place).read_text(encoding='utf-8')


def test_ten_changes_are_answered() -> None:
    assert {change for change, _place in CHANGES} == set(ANSWERS)


def test_each_trip_has_seven_steps_at_most() -> None:
    trips = re.split(r'^\*\*', PAGE.partition('## Four trips')[2].partition('\n## ')[0], flags=re.M)
    assert len(trips[1:]) == 4
    for trip in trips[1:]:
        assert len(re.findall(r'(?<![\w.])\d\. ', trip)) <= 7, trip


PLAIN = {'None', 'bool', 'int', 'str', 'list[str]'}
"""Kinds of answers of root that need no value with names in it."""


def _actions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Root's actions, each with its place."""
    for path in sorted((APP / 'privileged').glob('[!_]*.py')):
        for node in ast.parse(path.read_text(encoding='utf-8')).body:
            if isinstance(node, ast.FunctionDef):
                yield f'{path.name}:{node.lineno} {node.name}', node


ACTIONS = dict(_actions())


def _statements(action: ast.FunctionDef) -> list[ast.stmt]:
    """The statements of an action at any depth, without its docstring."""
    nodes = (node for each in action.body[1:] for node in ast.walk(each))
    return [node for node in nodes if isinstance(node, ast.stmt)]


def _is_value(node: ast.expr | None) -> bool:
    """Whether what is returned is a value's plain form, a list of these, or one or nothing."""
    match node:
        case ast.Call(func=ast.Attribute(attr='to_json'), args=[], keywords=[]):
            return True
        case ast.ListComp(elt=each):
            return _is_value(each)
        case ast.IfExp(body=first, orelse=ast.Constant(value=None)):
            return _is_value(first)
    return False


@pytest.mark.parametrize('place', ACTIONS)
def test_a_root_action_is_three_statements_at_most(place: str) -> None:
    action = ACTIONS[place]
    assert [ast.unparse(each) for each in action.decorator_list] == ['privileged'], 'no helpers'
    assert ast.get_docstring(action), 'a description'
    assert 1 <= len(_statements(action)) <= 3


@pytest.mark.parametrize('place', ACTIONS)
def test_a_root_action_returns_a_value_or_something_plain(place: str) -> None:
    action = ACTIONS[place]
    assert action.returns, 'the kind of its answer'
    if ast.unparse(action.returns) not in PLAIN:
        returned = [each.value for each in _statements(action) if isinstance(each, ast.Return)]
        assert returned
        assert all(map(_is_value, returned)), 'a dictionary made by hand'


def test_every_root_action_is_looked_at() -> None:
    door = (APP / 'privileged/__init__.py').read_text(encoding='utf-8')
    [table] = [each.value for each in ast.parse(door).body if isinstance(each, ast.Assign)
               and ast.unparse(each.targets[0]) == '_ACTIONS']  # fmt: skip
    listed = [action for actions in ast.literal_eval(table).values() for action in actions]
    assert sorted(action.name for action in ACTIONS.values()) == sorted(listed)
    assert len(listed) > 60


@pytest.mark.parametrize(
    ('text', 'is_fine'),
    [
        ('found.to_json()', True),
        ('verb(store).to_json()', True),
        ('[each.to_json() for each in found]', True),
        ('found.to_json() if found else None', True),
        ('found.to_json() if found else {}', False),
        ("{'a': 1}", False),
        ('found', False),
        ('{**found.to_json()}', False),
        ('dict(found)', False),
    ],
)
def test_what_counts_as_a_value(text: str, is_fine: bool) -> None:
    assert _is_value(ast.parse(text, mode='eval').body) is is_fine


def test_pages_name_the_person_when_they_change_a_domain() -> None:
    calls = [
        (path.name, node)
        for path in (APP / 'views').glob('*.py')
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
        if isinstance(node, ast.Call)
        and node.args
        and ast.unparse(node.args[0]).startswith('privileged.domain_')
    ]
    assert len(calls) > 5
    silent = [name for name, node in calls if 'by' not in [each.arg for each in node.keywords]]
    assert not silent, 'the mail services would not follow'


PRIVATE = re.compile(r'__wrapped__|_copy_letsencrypt|get_operation|from freedombox[\w.]* import _')


def test_private_interfaces_of_freedombox_are_used_in_one_file() -> None:
    users = [path.name for path in _modules() if PRIVATE.search(path.read_text(encoding='utf-8'))]
    assert users == ['freedombox_seams.py']


IMPORT = re.compile(r'^ *from (plinth\.modules\.email[\w.]*) import ([\w, ]+)$', re.MULTILINE)


def _imports_in_text() -> Iterator[tuple[Path, str, str]]:
    """Imports in programs that tests and the lab hand to a box as text."""
    for path in [*ROOT.glob('tests/**/*.py'), *ROOT.glob('lab/**/*.py')]:
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for module, names in IMPORT.findall(node.value):
                    yield from ((path, module, name.strip()) for name in names.split(','))


def _has(module: str, name: str) -> bool:
    """Whether a module of the app has a part of this name."""
    folder = ROOT / module.replace('.', '/')
    file = folder / '__init__.py' if folder.is_dir() else folder.with_suffix('.py')
    if (folder / name).is_dir() or (folder / f'{name}.py').exists():
        return True
    return file.exists() and bool(re.search(rf'\b{name}\b', file.read_text(encoding='utf-8')))


def test_programs_in_text_import_what_there_is() -> None:
    found = list(_imports_in_text())
    assert found, 'programs are read'
    wrong = [f'{path}: {module} {name}' for path, module, name in found if not _has(module, name)]
    assert not wrong, 'Moved away:\n' + '\n'.join(wrong)
