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

GROW = 'import sys\nwith open(sys.argv[1], "wb", 0) as file:\n    while True: file.write(b"x")'


@pytest.fixture
def group() -> Iterator[str]:
    """A name for a group of this test alone."""
    name = f'test-{os.getpid()}'
    yield name
    cgroup.remove(name)


def test_processes_hold_still_and_go_on(group: str, tmp_path: Path) -> None:
    file = tmp_path / 'growing'
    entrances = cgroup.make(group)
    with subprocess.Popen([sys.executable, '-c', GROW, str(file)]) as process:
        try:
            cgroup.enter(entrances, process.pid)
            assert cgroup.can_freeze(group)
            wait_for('the process to work', lambda: file.exists() and file.stat().st_size, 10)
            with cgroup.frozen(group):
                size, used = file.stat().st_size, _used(group)
                subprocess.run(['sleep', '0.1'], check=True)
                assert (file.stat().st_size, _used(group)) == (size, used)
            wait_for('the process to go on', lambda: file.stat().st_size > size, 10)
        finally:
            process.kill()
    assert _used(group) != used


def _used(group: str) -> str:
    """The processor time of a group, as the kernel says it."""
    (file,) = cgroup.cpu_files(group)
    return file.read_text().splitlines()[0]
