# SPDX-License-Identifier: AGPL-3.0-or-later
"""Debian's own checks of a package, as of the release this one is made for."""

import pytest

from lab import base, container, freedombox
from lab.settings import FRESH

from .box import Box, run_autopkgtest

SLOW = 'languages/python/stdlib-deprecation'
"""Takes most of the time, and our tests fail where Python deprecates what we import."""


@pytest.mark.parametrize(
    'checks', [('-X', SLOW), pytest.param(('-C', SLOW), marks=pytest.mark.long)]
)
def test_lintian_says_nothing_unexplained(box: Box, checks: tuple[str, str]) -> None:
    """Neither about the source nor about the package; debian/ explains each exception."""
    folder = box.copy_upload()
    box.install_tool('lintian')
    said = box.run(
        'lintian', '--pedantic', '--display-info', '--tag-display-limit', '0', '--allow-root',
        *checks, *box.run('find', folder, '-name', '*.changes').split(),
    )  # fmt: skip
    assert said == ''


@pytest.mark.long
def test_the_smoke_test_on_a_new_machine(box: Box) -> None:
    """It needs nothing but what it depends on, and waits for FreedomBox's own apps."""
    container.discard(FRESH)
    container.boot(FRESH, [base.freedombox() / 'root'])
    new = Box(box.deb)
    run_autopkgtest(new)
    freedombox.wait_until_updated(FRESH)
    assert new.app_version() > 0
