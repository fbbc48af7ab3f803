# SPDX-License-Identifier: AGPL-3.0-or-later
"""The README says what was measured, and its links lead somewhere."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / 'README.md').read_text(encoding='utf-8')


def test_the_readme_quotes_what_the_bench_wrote() -> None:
    tables = [ROOT / 'doc' / name for name in ('bench-table.md', 'bench-directory.md')]
    measured = [line for each in tables for line in each.read_text('utf-8').splitlines()]
    section = README.partition('## How fast')[2].partition('\n## ')[0]
    rows = [line for line in section.splitlines() if line.startswith('|')]
    assert len(rows) > 5
    assert [row for row in rows if row not in measured] == []


def test_every_link_leads_to_a_file() -> None:
    pages = [ROOT / 'README.md', *(ROOT / 'doc').glob('*.md')]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r'\]\(([^):#]+)\)', page.read_text(encoding='utf-8'))
    ]
    assert links
    broken = [
        f'{page.name}: {target}' for page, target in links if not (page.parent / target).exists()
    ]
    assert broken == []
