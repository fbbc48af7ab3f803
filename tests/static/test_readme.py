# SPDX-License-Identifier: AGPL-3.0-or-later
"""Measured numbers in the README, and links in the README and doc/.

Names of code in them: see `test_doc_names`.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / 'README.md').read_text(encoding='utf-8')
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'doc').glob('*.md'))]


def test_the_readme_quotes_what_the_bench_wrote() -> None:
    tables = [ROOT / 'doc' / name for name in ('bench-table.md', 'bench-directory.md')]
    measured = [line for each in tables for line in each.read_text('utf-8').splitlines()]
    section = README.partition('## How fast')[2].partition('\n## ')[0]
    rows = [line for line in section.splitlines() if line.startswith('|')]
    assert len(rows) > 5
    assert [row for row in rows if row not in measured] == []


def test_every_link_leads_to_a_file() -> None:
    links = [
        (page, target, anchor)
        for page in PAGES
        for target, anchor in re.findall(r'\]\(([^):#]*)#?([\w-]*)\)', page.read_text('utf-8'))
    ]
    assert links
    broken = [
        f'{page.name}: {target}#{anchor}'
        for page, target, anchor in links
        if not (page.parent / target).exists()
        or (anchor and anchor not in _anchors(page.parent / target if target else page))
    ]
    assert broken == []


def _anchors(page: Path) -> set[str]:
    """The names of a page's sections in links."""
    titles = re.findall(r'^#+ (.+)$', page.read_text('utf-8'), re.MULTILINE)
    return {re.sub(r'[^\w -]', '', title.lower()).replace(' ', '-') for title in titles}


def test_the_readme_leads_to_every_page() -> None:
    assert [page.name for page in PAGES[1:] if f'](doc/{page.name})' not in README] == []
