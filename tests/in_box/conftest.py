# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures of the tests inside the box."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest


@pytest.fixture(scope='session', autouse=True)
def alone() -> Iterator[None]:
    """Keep the web interface from following and repairing what a test changes."""
    if shutil.which('freedombox-email') is None:
        pytest.skip('This needs a FreedomBox with freedombox-email.')
    subprocess.run(['systemctl', 'stop', 'plinth.service'], check=True)
    try:
        yield
    finally:
        subprocess.run(['systemctl', 'start', 'plinth.service'], check=True)
