# SPDX-License-Identifier: AGPL-3.0-or-later
"""A plugin of pytest that adds to its report how much processor time each test has cost.

A test of the box works mostly in the box. So the environment names the groups that count
(`cpu.stat` of cgroup v2), and `self` for pytest and its children.
"""

import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from .durations import PROPERTY, SELF, VARIABLE


def used(names: str) -> float:
    """The processor seconds that all of these have used so far."""
    return sum(_used(name) for name in names.split(':') if name)


def _used(name: str) -> float:
    if name == SELF:
        return sum(os.times()[:4])
    with suppress(OSError):  # a machine that is down
        words = Path(name).read_text(encoding='ascii').split()
        return int(words[words.index('usage_usec') + 1]) / 1e6
    return 0.0


_BEGUN = pytest.StashKey[float]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Read the clocks before the first fixture."""
    item.stash[_BEGUN] = used(os.environ.get(VARIABLE, SELF))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what a test cost to its last report."""
    if call.when == 'teardown':
        # A machine that was made anew begins at nothing.
        cost = max(0.0, used(os.environ.get(VARIABLE, SELF)) - item.stash.get(_BEGUN, 0.0))
        item.user_properties.append((PROPERTY, f'{cost:.2f}'))
    return (yield)
