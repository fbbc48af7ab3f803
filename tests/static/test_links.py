# SPDX-License-Identifier: AGPL-3.0-or-later
"""Templates and views lead to pages that exist: a wrong name fails only when it is shown."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / 'plinth/modules/email'
_LINK = re.compile(r"""['"]email:([a-z0-9-]+)['"]|\bself\.go\('([a-z0-9-]+)'""")


def _pages() -> Iterator[str]:
    """The names of all pages: the last text of each call in the list of addresses."""
    tree = ast.parse((APP / 'urls.py').read_text(encoding='utf-8'))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            given = [*call.args, *(each.value for each in call.keywords if each.arg == 'name')]
            if given and isinstance(given[-1], ast.Constant):
                yield str(given[-1].value)


def test_each_link_leads_to_a_page() -> None:
    pages = set(_pages())
    assert len(pages) > 100
    wrong = [
        f'{path.relative_to(APP)}: {name}'
        for path in APP.rglob('*')
        if path.suffix in {'.html', '.py'} and 'tests' not in path.parts
        for name in map(''.join, _LINK.findall(path.read_text(encoding='utf-8')))
        if name not in pages
    ]
    assert not wrong, 'No such page: ' + ', '.join(wrong)
