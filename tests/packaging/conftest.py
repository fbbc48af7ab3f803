# SPDX-License-Identifier: AGPL-3.0-or-later
"""One machine of the lab after its first boot, on which no email app is set up."""

from collections.abc import Iterator

import pytest

from lab import container, freedombox, life, package
from lab.settings import FRESH

from .box import Box


@pytest.fixture(scope='session')
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A box after first boot, and the package made from the working tree, with its source."""
    container.discard(FRESH)
    life.boot_box(FRESH)
    freedombox.wait_until_ready(FRESH)
    yield Box(package.build(tmp_path_factory.mktemp('package'), source=True))
    container.discard(FRESH)
