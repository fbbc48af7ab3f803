# SPDX-License-Identifier: AGPL-3.0-or-later
"""Demands of the package on the system it is installed on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = re.findall(
    r'^u (\S+) - "([^"]+)"',
    (ROOT / 'data/usr/lib/sysusers.d/freedombox-email.conf').read_text(encoding='utf-8'),
    re.MULTILINE,
)


def install(folder: Path, action: str, *passwd: str) -> subprocess.CompletedProcess[str]:
    """Run the script on a system with these lines in its database of users."""
    (folder / 'passwd').write_text(''.join(f'{line}\n' for line in passwd))
    getent = folder / 'getent'
    getent.write_text(f'#!/bin/sh\ngrep "^$2:" {folder}/passwd\n')
    getent.chmod(0o755)
    return subprocess.run(
        ['sh', ROOT / 'debian/preinst', action],
        capture_output=True, text=True, check=False, env={'PATH': f'{folder}:/usr/bin:/bin'},
    )  # fmt: skip


def entry(name: str, words: str) -> str:
    return f'{name}:x:994:994:{words}:/var/vmail:/usr/sbin/nologin'


def test_a_new_system_and_one_that_had_the_package(tmp_path: Path) -> None:
    assert len(OURS) == 6
    assert install(tmp_path, 'install').returncode == 0
    done = install(tmp_path, 'install', *(entry(name, words) for name, words in OURS))
    assert (done.returncode, done.stderr) == (0, '')


@pytest.mark.parametrize('name', [name for name, _words in OURS])
@pytest.mark.parametrize('words', ['', 'Virtual Mail,,,', 'vmail'])
def test_a_user_made_for_something_else(tmp_path: Path, name: str, words: str) -> None:
    done = install(tmp_path, 'install', entry(name, words))
    assert done.returncode == 1
    assert f'The user {name} exists' in done.stderr
    assert install(tmp_path, 'upgrade', entry(name, words)).returncode == 0


@pytest.mark.parametrize(
    ('version', 'fits'),
    [
        ('26.12', True),
        ('26.12~bpo13+1', True),
        ('26.13', True),
        ('26.11.1', False),
        ('26.9', False),
    ],
)
def test_a_backport_of_freedombox_is_new_enough(version: str, fits: bool) -> None:
    control = (ROOT / 'debian/control').read_text(encoding='utf-8')
    (least,) = re.findall(r'\bfreedombox \(>= ([^)]+)\)', control)
    done = subprocess.run(['dpkg', '--compare-versions', version, 'ge', least], check=False)
    assert (done.returncode == 0) is fits


OVERRIDES = [
    ROOT / 'debian/source/lintian-overrides',
    *(ROOT / 'debian').glob('*lintian-overrides'),
]


@pytest.mark.parametrize('path', OVERRIDES, ids=lambda path: path.name)
def test_each_exception_for_lintian_says_why(path: Path) -> None:
    blocks = path.read_text(encoding='utf-8').strip().split('\n\n')
    assert [block for block in blocks if not block.startswith('# ')] == []
    for block in blocks:
        lines = [line for line in block.splitlines() if not line.startswith('#')]
        assert len({line.partition(': ')[2].split()[0] for line in lines}) == 1, block


def test_lines_of_the_changelog_fit_into_80_columns() -> None:
    """As lintian demands (debian-changelog-line-too-long)."""
    lines = (ROOT / 'debian/changelog').read_text(encoding='utf-8').splitlines()
    assert [line for line in lines if len(line) > 80 and not line.startswith(' -- ')] == []
