# SPDX-License-Identifier: AGPL-3.0-or-later
"""Size of the app as a series of merge requests for FreedomBox, counted from the tree.

    python3 -m lab.series           # prints the table of doc/upstream.md
    python3 -m lab.series --write   # puts it there

Each file belongs to the part with the longest matching path below.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from .settings import CHECKOUT

PAGE = CHECKOUT / 'doc/upstream.md'
_APP = 'plinth/modules/email/'
_DATA = 'data/usr/share/freedombox-email/'

PARTS: Mapping[str, tuple[str, ...]] = {
    'transaction and lenses': (
        *(f'{_APP}{room}/' for room in ('system', 'transaction', 'config', 'rules', 'filtering')),
        *(f'{_APP}{name}.py' for name in ('errors', 'status', 'freedombox_seams', '__init__')),
        *(f'{_APP}words/{name}' for name in ('', 'errors/__init__', 'errors/transaction')),
        *(f'{_APP}privileged/{name}.py' for name in ('__init__', 'setup', 'spam_filter')),
        f'{_APP}tests/test_freedombox_seams.py', 'data/', 'actions/', 'debian/', 'setup.py',
    ),
    'directory': (
        *(f'{_APP}{room}/' for room in ('directory', 'mailstore', 'backup', 'migration')),
        *(f'{_APP}{room}/' for room in ('authentication', 'privileged')),
        *(f'{_APP}words/errors/{name}' for name in ('directory', 'mailstore', 'migration')),
        f'{_DATA}schema/', f'{_DATA}dovecot/', 'data/usr/share/freedombox/etc/fail2ban/',
    ),
    'DNS and signing keys': (
        *(f'{_APP}{room}/' for room in ('dns', 'dkim')),
        *(f'{_APP}words/{name}.py' for name in ('dns', 'records', 'checks', 'dkim')),
        *(f'{_APP}words/errors/{name}' for name in ('dns', 'dkim')),
        *(f'{_APP}privileged/{name}.py' for name in ('dns', 'keys', 'reach')),
        *(f'{_APP}maintenance/{name}.py' for name in ('dns_publishing', 'key_rollover')),
        *(f'{_APP}maintenance/tests/test_{name}.py' for name in ('dns_publishing', 'key_rollover')),
        f'{_DATA}places.json',
    ),
    'reports': (f'{_APP}reports/', f'{_APP}words/reports.py', f'{_APP}words/errors/reports'),
    'health and sync': (
        *(f'{_APP}{room}/' for room in ('health', 'sync', 'operations', 'activity')),
        *(f'{_APP}{room}/' for room in ('maintenance', 'sending')),
        *(f'{_APP}words/{name}.py' for name in ('health', 'messages', 'notices', 'requirements')),
        f'{_APP}words/errors/maintenance', f'{_APP}privileged/overview.py',
        f'{_APP}privileged/delivery_path.py',
    ),
    'pages and command': (
        _APP, f'{_APP}privileged/webmail.py', f'{_APP}words/pages.py', f'{_APP}words/parts.py',
        f'{_APP}words/errors/app', f'{_APP}words/errors/command', 'plinth/modules/emailsetup/',
        'data/usr/share/roundcube/', 'data/var/lib/roundcube/', f'{_DATA}roundcube/',
        'data/usr/share/freedombox/', 'data/usr/share/bash-completion/', 'doc/man/',
    ),
}  # fmt: skip
"""The parts in their order, with the beginnings of their paths."""

_OUTSIDE = re.compile(
    r'(?:tests|lab|doc(?!/man))/|\.|box$|[^/]+\.(?:md|toml)$|(?:plinth/)?conftest'
)
"""Files that are not for FreedomBox's tree: the development box, its tests, these pages."""
_BINARY = re.compile(r'\.(?:png|svg|po|mo)$')
_TABLE = re.compile(r'\| part \| code \| unit tests \|\n(?:\|.*\n)+')


def part_of(path: str) -> str:
    """The part a file belongs to, '' for files outside of the series."""
    if _OUTSIDE.match(path):
        return ''
    fitting = [(len(each), part) for part, all_ in PARTS.items() for each in all_
               if path.startswith(each)]  # fmt: skip
    return max(fitting)[1]


def files() -> list[str]:
    """The files of the tree that have lines."""
    listing = ['git', 'ls-files', '-co', '--exclude-standard']
    found = subprocess.run(listing, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return [
        name
        for name in found.stdout.splitlines()
        if not _BINARY.search(name) and (CHECKOUT / name).is_file()
    ]


def lines() -> Counter[tuple[str, bool]]:
    """Lines of each part, of its code and of its tests."""
    counted: Counter[tuple[str, bool]] = Counter()
    for name in files():
        if not (CHECKOUT / name).is_symlink():
            text = (CHECKOUT / name).read_text(encoding='utf-8')
            counted[part_of(name), '/tests/' in name] += text.count('\n')
    return counted


def table() -> str:
    """The table of the page."""
    counted = lines()
    rows = [(part, counted[part, False], counted[part, True]) for part in PARTS]
    rows.append(('all', sum(row[1] for row in rows), sum(row[2] for row in rows)))
    body = (f'| {part} | {code:,} | {tests:,} |' for part, code, tests in rows)
    return '\n'.join(['| part | code | unit tests |', '|---|---:|---:|', *body, ''])


def put(page: Path = PAGE) -> None:
    """Write the table into the page."""
    page.write_text(_TABLE.sub(table(), page.read_text(encoding='utf-8')), encoding='utf-8')


if __name__ == '__main__':
    if '--write' in sys.argv:
        put()
    print(table(), end='')
