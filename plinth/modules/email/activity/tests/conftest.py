# SPDX-License-Identifier: AGPL-3.0-or-later
"""A file of stories for a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..story_store import StoryStore


@pytest.fixture(name='path')
def fixture_path(tmp_path: Path) -> Path:
    """The place of the file of stories."""
    return tmp_path / 'stories.sqlite3'


@pytest.fixture(name='store')
def fixture_store(path: Path) -> Iterator[StoryStore]:
    """The file of stories."""
    store = StoryStore(path)
    yield store
    store.close()
