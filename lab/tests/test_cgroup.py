# SPDX-License-Identifier: AGPL-3.0-or-later
"""A group of processes is held still, goes on, and says what it has used."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import cgroup
from lab.host import wait_for

COUNT = 'import itertools, sys\nfor n in itertools.count(): open(sys.argv[1], "w").write(str(n))'


@pytest.fixture
def group() -> Iterator[str]:
    """A name for a group of this test alone."""
    name = f'test-{os.getpid()}'
    yield name
    cgroup.remove(name)


def test_processes_hold_still_and_go_on(group: str, tmp_path: Path) -> None:
    file = tmp_path / 'count'
    entrances = cgroup.make(group)
    with subprocess.Popen([sys.executable, '-c', COUNT, str(file)]) as process:
        try:
            cgroup.enter(entrances, process.pid)
            assert cgroup.can_freeze(group)
            wait_for('the first number', file.exists, 10)
            with cgroup.frozen(group):
                seen, used = file.read_text(), _used(group)
                subprocess.run(['sync'], check=True)
                assert (file.read_text(), _used(group)) == (seen, used)
            wait_for('the next number', lambda: file.read_text() not in ('', seen), 10)
        finally:
            process.kill()
    assert _used(group) != used


def _used(group: str) -> str:
    """The processor time of a group, as the kernel says it."""
    (file,) = cgroup.cpu_files(group)
    return file.read_text().splitlines()[0]
