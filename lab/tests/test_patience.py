# SPDX-License-Identifier: AGPL-3.0-or-later
"""A test that does not end."""

import subprocess
import sys
from pathlib import Path

from lab.settings import CHECKOUT

_TESTS = """
import threading

from lab import patience

patience.LIMIT = 1


def test_one() -> None:
    pass


def test_that_waits_for_nobody() -> None:
    threading.Event().wait()


def test_three() -> None:
    raise AssertionError('It was reached.')
"""


def test_it_is_told_and_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / 'test_made.py').write_text(_TESTS, encoding='utf-8')
    words = ['-m', 'pytest', '-p', 'no:cacheprovider', '-p', 'lab.patience', str(tmp_path)]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode
    assert 'in test_that_waits_for_nobody' in done.stderr
    assert 'It was reached' not in done.stdout
