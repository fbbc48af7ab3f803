# SPDX-License-Identifier: AGPL-3.0-or-later
"""A plugin of pytest that ends a run in which one test does not end, and says where it waits.

Not every call of a browser has a time limit. Without this, such a test would keep all others
from being reported.
"""

import faulthandler
import os
from collections.abc import Generator

import pytest

LIMIT = 20 * 60
"""The seconds for one test with its fixtures: the slowest takes a few minutes."""
_STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the way to the reader, which pytest takes away while a test runs."""
    config.stash[_STDERR] = os.dup(2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let the test's time begin."""
    faulthandler.dump_traceback_later(LIMIT, exit=True, file=item.config.stash[_STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()
