# SPDX-License-Identifier: AGPL-3.0-or-later
"""Formatting, lint, types and sizes of all our Python code."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHEBANG = b'#!/usr/bin/python3'
ACTIONS = [path for path in (ROOT / 'actions').rglob('*') if path.is_file()]
PYTHON_ACTIONS = [path for path in ACTIONS if path.read_bytes().startswith(SHEBANG)]
SCRIPTS = ['box', 'lab/chromium', *[str(path.relative_to(ROOT)) for path in PYTHON_ACTIONS]]
CODE = ['plinth', 'lab', 'tests', 'setup.py', 'debian', 'debian/tests/smoke', *SCRIPTS]


def _modules() -> list[Path]:
    folders = [ROOT / 'plinth', ROOT / 'lab']
    found = [path for folder in folders for path in folder.rglob('*.py')]
    return [path for path in found if 'tests' not in path.parts] + [ROOT / name for name in SCRIPTS]


def _run(*arguments: str) -> None:
    command = [sys.executable, '-m', *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


def test_code_is_formatted() -> None:
    _run('ruff', 'format', '--check', '--no-cache', *CODE)


def test_code_has_no_lint() -> None:
    _run('ruff', 'check', '--no-cache', *CODE)


@pytest.mark.parametrize('tree', ['plinth', 'lab'])
def test_types_are_right(tree: str) -> None:
    _run('mypy', '--no-error-summary', '--cache-dir=/dev/null', tree)


def test_functions_and_modules_are_small() -> None:
    lengths, large = [], []
    for path in _modules():
        text = path.read_text(encoding='utf-8')
        if len(text.splitlines()) > 500:
            large.append(f'{path}: {len(text.splitlines())} lines')
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                lengths.append(size)
                if size > 50:
                    large.append(f'{path}:{node.lineno} {node.name}: {size} lines')
    assert not large, 'Too large to be read at one go:\n' + '\n'.join(large)
    assert statistics.median(lengths) <= 10


def _asks_without_retry(call: ast.Call) -> bool:
    what = call.func
    asks = (
        isinstance(what, ast.Attribute)
        and what.attr in ('get', 'post', 'fetch')
        and isinstance(what.value, ast.Attribute)
        and what.value.attr == 'request'
    )
    return asks and all(each.arg != 'max_retries' for each in call.keywords)


def test_requests_of_the_browser_are_sent_again() -> None:
    """Apache ends an idle connection now and then just as it is used again."""
    hasty = [
        f'{path.relative_to(ROOT)}:{node.lineno}'
        for path in [*(ROOT / 'tests/browser').glob('*.py'), ROOT / 'lab/screenshot.py']
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
        if isinstance(node, ast.Call) and _asks_without_retry(node)
    ]
    assert not hasty, f'Requests that a closed connection ends, without max_retries: {hasty}'


def test_every_file_names_its_licence() -> None:
    kinds = {'.py', '.html', '.css', '.js', '.aug', '.ldif', '.sieve', '.lua', '.service',
             '.timer', '.conf', '.toml', '.sh', '.cf'}  # fmt: skip
    listing = subprocess.run(
        ['git', 'ls-files', '-co', '--exclude-standard'], cwd=ROOT, capture_output=True, text=True,
        check=True,
    ).stdout.splitlines()  # fmt: skip
    silent = [
        name for name in listing
        if Path(name).suffix in kinds and (ROOT / name).is_file()
        and 'SPDX-License-Identifier: AGPL-3.0-or-later' not in (ROOT / name).read_text('utf-8')
    ]  # fmt: skip
    assert not silent, f'No SPDX line in: {silent}'
