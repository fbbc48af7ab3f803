# SPDX-License-Identifier: AGPL-3.0-or-later
"""Templates of the pages, by their sources."""

import re
from pathlib import Path

import pytest

EMAIL = Path(__file__).parents[2] / 'plinth/modules/email'
TEMPLATES = sorted([*EMAIL.glob('templates/*.html'), *EMAIL.parent.glob('emailsetup/templates/*')])


@pytest.mark.parametrize('path', TEMPLATES, ids=lambda path: path.name)
def test_links_are_links(path: Path) -> None:
    """Space presses a button and does nothing on a link: neither may pretend to be the other."""
    text = path.read_text(encoding='utf-8')
    assert not re.search(r'<a\s[^>]*role="button"', text)
    assert not re.search(r'<button\s[^>]*role="link"|href="#"', text)
