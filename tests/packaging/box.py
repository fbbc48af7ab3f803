# SPDX-License-Identifier: AGPL-3.0-or-later
"""The machine packages are tried on, and packages that differ from ours."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab import container, freedombox
from lab.host import wait_for
from lab.settings import FRESH

PACKAGE = 'freedombox-email'
MODULES = '/usr/lib/python3/dist-packages/plinth'


class Box:
    """The machine under test: commands inside it and its web pages."""

    def __init__(self, deb: Path) -> None:
        self.prefix = container.command(FRESH, [])
        self.deb = deb

    def run(self, *arguments: str, check: bool = True, stdin: bytes | None = None) -> str:
        """Run a command as root in the box and return what it printed."""
        result = subprocess.run(
            [*self.prefix, *arguments], input=stdin, capture_output=True, check=False, timeout=600
        )
        output = (result.stdout + result.stderr).decode(errors='replace')
        assert not check or result.returncode == 0, f'{arguments}: {output}'
        return output

    def succeeds(self, *arguments: str) -> bool:
        """Whether a command in the box ends with status 0."""
        return (
            subprocess.run([*self.prefix, *arguments], capture_output=True, check=False).returncode
            == 0
        )

    def copy_in(self, deb: Path) -> str:
        """Copy a package into the box and return its path there."""
        path = f'/root/{deb.name}'
        self.run('tee', path, stdin=deb.read_bytes())
        return path

    def run_and_restart(self, *arguments: str) -> None:
        """Run a command that makes the web service restart, and wait for that."""
        before = self.web_process()
        self.run(*arguments)
        wait_for('the web service to restart', lambda: self.web_process() not in (before, ''), 120)

    def apt(self, *arguments: str) -> None:
        """Run apt-get."""
        command = ('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y', '-q')
        self.run_and_restart(*command, *arguments)

    def install(self, deb: Path) -> None:
        """Install or upgrade our package, as `apt install ./x.deb` does."""
        self.apt('install', '--allow-downgrades', '--reinstall', self.copy_in(deb))
        freedombox.wait_until_updated(FRESH)

    def copy_upload(self) -> str:
        """Copy all that was built, source and package, into the box; return the folder there."""
        folder = '/var/tmp/upload'
        container.copy_in(FRESH, self.deb.parent, ['.'], folder)
        return folder

    def install_tool(self, name: str) -> None:
        """Install a tool of Debian's developers."""
        command = ('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y', '-q', 'install')
        patience = ('-o', 'DPkg::Lock::Timeout=120')  # FreedomBox may be using apt
        self.run(*command, *patience, '--no-install-recommends', name)

    def web_process(self) -> str:
        """The id of the web service's process, nothing unless it is ready."""
        shown = self.run('systemctl', 'show', '-p', 'MainPID', '-p', 'SubState', 'plinth.service')
        return ''.join(re.findall(r'MainPID=(\d+)', shown)) if 'SubState=running' in shown else ''

    def stored(self, statement: str) -> str:
        """Run a statement on FreedomBox's database and return the rows."""
        script = (
            'import sqlite3, sys\n'
            "with sqlite3.connect('/var/lib/plinth/plinth.sqlite3', timeout=30) as base:\n"
            '    print(base.execute(sys.argv[1]).fetchall())\n'
        )
        return self.run('python3', '-c', script, statement).strip()

    def app_version(self) -> int:
        """The stored version of the email app, 0 when it is not set up."""
        rows = self.stored("SELECT setup_version FROM freedombox_module WHERE name = 'email'")
        return int(re.sub(r'\D', '', rows) or 0)


def run_autopkgtest(box: Box) -> None:
    """Run the package's own test on the machine as it is, by the program Debian runs it with."""
    folder = box.copy_upload()
    box.install_tool('autopkgtest')
    box.run_and_restart(
        'autopkgtest', '--ignore-restrictions=isolation-container,breaks-testbed',
        *box.run('find', folder, '-name', '*.dsc', '-o', '-name', '*.deb').split(), '--', 'null',
    )  # fmt: skip


def repack(
    deb: Path, folder: Path, version: str, edit: Callable[[Path, Path], None] | None = None
) -> Path:
    """A copy of the package with another version, and one more module unless told."""
    tree = folder / 'tree'
    subprocess.run(['dpkg-deb', '-R', str(deb), str(tree)], check=True)
    control = tree / 'DEBIAN/control'
    control.write_text(re.sub(r'(?m)^Version: .*', f'Version: {version}', control.read_text()))
    (edit or add_module)(tree, tree / MODULES.lstrip('/') / 'modules/email')
    result = folder / f'{PACKAGE}_{version}_all.deb'
    subprocess.run(['dpkg-deb', '--root-owner-group', '-b', str(tree), str(result)],
                   check=True, capture_output=True)  # fmt: skip
    return result


def add_module(_tree: Path, app: Path) -> None:
    """Add a module to the app."""
    (app / 'added.py').write_text('"""Only in this version."""\n')


def append(code: str) -> Callable[[Path, Path], None]:
    """The edit that adds code to what FreedomBox loads first."""

    def edit(_tree: Path, app: Path) -> None:
        with (app / '__init__.py').open('a') as file:
            file.write(code)

    return edit


def make_older(tree: Path, app: Path) -> None:
    """Have the app be of the version before, with a room that has gone since.

    While its files are replaced, a program of root compiles a module of that room.
    """
    code = (app / 'app.py').read_text()
    (version,) = re.findall(r'(?m)^VERSION = (\d+)$', code)
    (app / 'app.py').write_text(code.replace(f'VERSION = {version}', f'VERSION = {version} - 1'))
    room = app / 'room'
    room.mkdir()
    (room / '__init__.py').touch()
    (room / 'moved.py').touch()
    with (tree / 'DEBIAN/prerm').open('a') as script:
        script.write(f'\npython3 -m compileall -q /{room.relative_to(tree)}\n')
