# SPDX-License-Identifier: AGPL-3.0-or-later
"""The files setup.py installs: everything in the tree, each where it belongs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENABLED = 'data/usr/share/freedombox-email/modules-enabled'

pytest.importorskip('setuptools')


def write(path: Path, text: str = '', mode: int = 0o644) -> None:
    """Create a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Install a small tree with one file of each kind; return the root it went to."""
    tree, root = tmp_path / 'tree', tmp_path / 'root'
    write(tree / 'setup.py', (ROOT / 'setup.py').read_text())
    write(tree / 'debian/changelog', 'freedombox-email (100.7) trixie; urgency=medium\n')
    write(tree / 'plinth/modules/email/__init__.py')
    write(tree / 'plinth/modules/email/dns/__init__.py')
    write(tree / 'plinth/modules/email/dns/tests/test_dns.py')
    write(tree / 'plinth/modules/email/templates/email.html')
    write(tree / 'plinth/modules/email/locale/de/LC_MESSAGES/django.mo')
    write(tree / 'plinth/modules/emailsetup/__init__.py')
    write(tree / 'actions/freedombox-email', mode=0o755)
    write(tree / 'actions/hooks/learn', mode=0o755)
    write(tree / 'data/usr/lib/systemd/system/freedombox-email.timer')
    (tree / 'data/usr/link').symlink_to('/nowhere')
    write(tree / 'doc/man/freedombox-email.8')
    write(tree / 'doc/packaging.md')
    command = [sys.executable, 'setup.py', '-q', 'install', f'--root={root}', '--no-compile']
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    return root


def test_system_files_keep_place_mode_and_links(installed: Path) -> None:
    """Programs, units, manual pages and links are where the system looks for them."""
    assert os.access(installed / 'usr/sbin/freedombox-email', os.X_OK)
    assert os.access(installed / 'usr/lib/freedombox-email/hooks/learn', os.X_OK)
    assert not os.access(installed / 'usr/lib/systemd/system/freedombox-email.timer', os.X_OK)
    assert (installed / 'usr/link').readlink() == Path('/nowhere')
    assert (installed / 'usr/share/man/man8/freedombox-email.8').is_file()
    assert not list(installed.rglob('packaging.md'))


def test_modules_come_with_their_data_and_without_tests(installed: Path) -> None:
    """Both apps are there; `plinth` and `plinth.modules` stay open to others."""
    modules = next(installed.rglob('plinth')) / 'modules'
    assert sorted(path.name for path in modules.iterdir()) == ['email', 'emailsetup']
    assert not (modules / '__init__.py').exists()
    assert not (modules.parent / '__init__.py').exists()
    for name in ('dns/__init__.py', 'templates/email.html', 'locale/de/LC_MESSAGES/django.mo'):
        assert (modules / 'email' / name).is_file(), name
    assert not list(installed.rglob('tests'))


def test_every_enabled_app_is_shipped() -> None:
    """FreedomBox's web interface does not start when a file names a module that is not there."""
    for path in sorted((ROOT / ENABLED).iterdir()):
        lines = [line for line in path.read_text().splitlines() if not line.startswith('#')]
        assert lines == [f'plinth.modules.{path.name}']
        assert (ROOT / lines[0].replace('.', '/') / '__init__.py').is_file()


def test_the_version_is_that_of_the_changelog() -> None:
    """The package has it from there; FreedomBox updates the app when its own number rises."""
    first = (ROOT / 'debian/changelog').read_text().splitlines()[0]
    command = [sys.executable, 'setup.py', '--version']
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    version = found.split()[-1]
    assert f'({version})' in first
    app = (ROOT / 'plinth/modules/email/app.py').read_text()
    assert f'\nVERSION = {version.partition(".")[0]}\n' in app
