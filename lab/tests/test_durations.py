# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of the slowest tests says what a run has measured, and only a run that has ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import durations
from lab.host import LabError

SLOW = """
import subprocess, sys, time
import pytest

@pytest.fixture
def busy():
    yield
    subprocess.run([sys.executable, '-c', 'while __import__("time").process_time() < 0.4: pass'])

def test_quick(): pass

@pytest.mark.parametrize('word', ['a|b`c', 'x' * 200])
def test_slow(busy, word): time.sleep(0.2)
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page and results of the tests' own."""
    results = tmp_path / 'results'
    monkeypatch.setattr(durations, 'RESULTS', results)
    monkeypatch.setattr(durations, '_ALL_RESULTS', (results, tmp_path / 'other'))
    monkeypatch.setattr(durations, 'PAGE', tmp_path / 'testing.md')
    return tmp_path / 'testing.md'


def run_slow(folder: Path, part: str) -> None:
    (folder / 'test_it.py').write_text(SLOW)
    subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-p', durations.PLUGIN,
         f'--junitxml={durations.report(part)}', str(folder)],
        env={**os.environ, durations.VARIABLE: f'/nowhere:{durations.SELF}'}, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.usefixtures('page')
def test_a_test_is_counted_with_its_fixtures_and_children(tmp_path: Path) -> None:
    run_slow(tmp_path, 'browser')
    quick, *slow = durations.read(durations.report('browser'))
    assert quick.name.endswith('test_it.py::test_quick')
    assert quick.part == 'browser'
    assert quick.processor < 0.3
    for test in slow:
        assert 0.3 <= test.processor < test.seconds + 0.5
        assert test.seconds >= 0.6


def test_the_slowest_come_first_and_the_rest_of_the_page_stays(page: Path, tmp_path: Path) -> None:
    begun = durations.begin()
    run_slow(tmp_path, 'unit')
    durations.end(begun, ['--all'])
    page.write_text('# Testing\n\nBefore.\n')
    durations.write()
    page.write_text(page.read_text() + '\nAfter.\n')
    durations.write()
    text = page.read_text()
    assert text.startswith('# Testing\n\nBefore.\n')
    assert text.endswith('\nAfter.\n')
    assert '`./box test --all` of ' in text
    assert text.count('| unit | 3 | ') == 1
    rows = [line for line in text.splitlines() if line.startswith('| `')]
    assert len(rows) == 3
    assert 'test_quick' in rows[-1]
    assert all(row.count('|') == 4 and row.count('`') == 2 for row in rows)


def test_a_missing_page_is_made(page: Path) -> None:
    durations.end(durations.begin(), [])
    assert durations.write() == page
    assert page.read_text().startswith('<!-- SPDX-License-Identifier')


def test_a_run_that_was_cut_short_has_no_table(page: Path) -> None:
    durations.end(durations.begin(), [])
    durations.begin()
    with pytest.raises(LabError, match='No whole run'):
        durations.write()
    assert not page.exists()
