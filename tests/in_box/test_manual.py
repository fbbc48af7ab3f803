# SPDX-License-Identifier: AGPL-3.0-or-later
"""The examples of the manual page do what they say, as they are printed; run as root in a box."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manual import examples

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)

PAGE = Path('/usr/share/man/man8/freedombox-email.8.gz')
DOMAIN = 'example.org'
PASSWORD = 'correct horse battery'
KEY = 'YSBrZXkgZm9yIGFuIGV4YW1wbGUgb25seQ=='
ELSEWHERE = ('dns check', 'dns push', 'email trace')
"""Tried where there is a name server (`test_dns_push.py`), and mail (`test_trace.py`)."""


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one line in a shell, with what a reader would have typed at a prompt."""
    return subprocess.run(
        ['bash', '-o', 'pipefail', '-c', line],
        input=f'{PASSWORD}\n', capture_output=True, text=True, timeout=120, check=False, cwd=folder,
        env={**os.environ, 'password': PASSWORD[::-1], 'key': KEY},
    )  # fmt: skip


@pytest.fixture(name='clean', autouse=True)
def fixture_clean(tmp_path: Path) -> Iterator[None]:
    assert DOMAIN not in run('freedombox-email domain list --names', tmp_path).stdout.split()
    yield
    run(f'freedombox-email dns server --remove {DOMAIN}', tmp_path)
    assert run(f'freedombox-email domain remove --force {DOMAIN}', tmp_path).returncode == 0


def test_the_examples_work_as_printed_one_after_the_other(tmp_path: Path) -> None:
    found = examples(gzip.decompress(PAGE.read_bytes()).decode())
    every = [line for block in found for line in block]
    lines = [line for line in every if not any(each in line for each in ELSEWHERE)]
    assert len(found) == 6
    assert len(lines) == 12
    for line in lines:
        done = run(line, tmp_path)
        assert done.returncode == 0, f'{line}\n{done.stdout}{done.stderr}'
    assert (tmp_path / 'aliases.csv').read_text().count('fair@example.org') == 1
