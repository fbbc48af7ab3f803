# SPDX-License-Identifier: AGPL-3.0-or-later
"""The README and doc/ quote what was measured, and name only what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / 'README.md').read_text(encoding='utf-8')
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'doc').glob('*.md'))]
FOLDERS = ('', 'plinth/modules/email', 'tests')
"""Where the paths of tests in our pages begin."""


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


def _named(pattern: str) -> list[tuple[str, str]]:
    """The names in the pages, as parts of text in their code style: page and name."""
    quoted = re.compile(r'`([^`\n]+)`|^ {4}(.+)$', re.MULTILINE)
    return [
        (page.name, name)
        for page in PAGES
        for text in (''.join(each) for each in quoted.findall(page.read_text('utf-8')))
        for name in re.findall(pattern, text)
    ]


def test_every_named_test_is_there() -> None:
    tests = {path.name for path in ROOT.rglob('test_*.py')}
    named = _named(r'(?:[\w/]+/)?test_\w+\.py')
    assert len(named) > 40
    missing = [
        f'{page}: {name}'
        for page, name in named
        if name.rpartition('/')[2] not in tests
        or ('/' in name and not any((ROOT / place / name).exists() for place in FOLDERS))
    ]
    assert missing == []


def test_every_named_path_of_the_tree_is_there() -> None:
    named = _named(r'(?<![\w/.-])(?:plinth|tests|lab|data|actions|debian)/[\w./-]*\w(?![\w*])')
    assert len(named) > 30
    missing = [f'{page}: {name}' for page, name in named if not (ROOT / name).exists()]
    assert [each for each in missing if '/APP' not in each] == []


def test_every_named_command_is_in_the_manual_page() -> None:
    manual = (ROOT / 'doc/man/freedombox-email.8').read_text('utf-8').replace('\\-', '-')
    groups = re.findall(r'^\.B freedombox-email (\S+) \S', manual, re.MULTILINE)
    named = _named(rf'(?<=freedombox-email )(?:(?:{"|".join(groups)}) [a-z-]+|[a-z-]+)')
    assert len(named) > 20
    assert [f'{page}: {verb}' for page, verb in named if f'.B {verb}\n' not in manual] == []
