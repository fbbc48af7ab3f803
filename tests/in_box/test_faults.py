# SPDX-License-Identifier: AGPL-3.0-or-later
"""Unit tests fail when the code is wrong: each fault of a list is made in a copy of the tree."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.faults import FAULTS, PlannedFault

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
LIBRARIES = Path(pytest.__file__).parents[1]
NEEDED = ('plinth', 'data', 'conftest.py', 'pyproject.toml')
SECONDS = 60
"""For the tests of one fault; none of the list makes a test hang."""
ALL_SECONDS = 300


@pytest.fixture(name='tree')
def fixture_tree() -> Iterator[Path]:
    """A copy of the tree that a user without rights can read."""
    with tempfile.TemporaryDirectory(prefix='freedombox-email-fault-') as name:
        tree = Path(name)
        tree.chmod(0o755)
        (tree / '.hypothesis').mkdir()
        (tree / '.hypothesis').chmod(0o777)
        for each in NEEDED:
            if (ROOT / each).is_dir():
                shutil.copytree(ROOT / each, tree / each, symlinks=True)
            else:
                shutil.copy(ROOT / each, tree / each)
        yield tree


def run(tree: Path, tests: Iterable[str], seconds: int) -> tuple[int, str]:
    """Run unit tests in a tree; the status pytest ends with, and what it printed."""
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-x', '-q', '-p', 'no:cacheprovider', *tests],
        cwd=tree, user='nobody', group='nogroup', extra_groups=[], stdin=subprocess.DEVNULL,
        env={'PATH': os.environ['PATH'], 'HOME': '/nonexistent', 'LANG': 'C.UTF-8',
             'PYTHONDONTWRITEBYTECODE': '1', 'PYTHONPATH': f'{LIBRARIES}:{tree}'},
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_without_a_fault_the_same_tests_pass(tree: Path) -> None:
    """Otherwise what they say of faults would be worth nothing."""
    tests = dict.fromkeys(test for fault in FAULTS for test in fault.wanted)
    status, said = run(tree, tests, ALL_SECONDS)
    assert status == pytest.ExitCode.OK, said


@pytest.mark.parametrize('fault', FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_is_seen(tree: Path, fault: PlannedFault) -> None:
    file = tree / fault.path
    file.write_text(fault.made_in(file.read_text(encoding='utf-8')), encoding='utf-8')
    status, said = run(tree, fault.wanted, SECONDS)
    assert status == pytest.ExitCode.TESTS_FAILED, (
        f'No unit test sees that {fault.path} has {fault.after!r} instead of {fault.before!r}:\n'
        f'{said}'
    )
