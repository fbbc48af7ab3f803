# SPDX-License-Identifier: AGPL-3.0-or-later
"""Install freedombox-email: its Python modules, its programs and the files laid out like /.

Nothing has to be listed here when a file is added: modules, templates, programs in actions/,
manual pages in doc/man and everything under data/ are found by walking the tree.
"""

import os
import re
import shutil
from pathlib import Path

from setuptools import Command, setup
from setuptools.command.install import install

ROOT = Path(__file__).resolve().parent
MODULES = Path('plinth/modules')
COMMAND = 'freedombox-email'
SKIPPED_FOLDERS = {'tests', '__pycache__'}


def version() -> str:
    """The version that the newest entry of debian/changelog names."""
    first_line = (ROOT / 'debian/changelog').read_text(encoding='utf-8').splitlines()[0]
    found = re.fullmatch(r'\S+ \((\S+)\) .*', first_line)
    if found is None:
        raise SystemExit(f'debian/changelog starts with a line without a version: {first_line}')
    return found[1]


def files_below(folder: Path) -> list[Path]:
    """All files and symbolic links below a folder, relative to it, without the tests."""
    found = []
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        linked = [name for name in folders if (Path(path) / name).is_symlink()]
        found += [(Path(path) / name).relative_to(folder) for name in sorted(names) + linked]
    return found


def packages() -> list[str]:
    """The dotted names of our packages; plinth and plinth.modules belong to no package."""
    marks = [path for path in files_below(ROOT / MODULES) if path.name == '__init__.py']
    return ['.'.join((MODULES / mark.parent).parts) for mark in marks]


def package_data() -> dict[str, list[str]]:
    """The files beside the code (templates, icons, ...) by the app they belong to."""
    data: dict[str, list[str]] = {}
    for path in files_below(ROOT / MODULES):
        if path.suffix not in {'.py', '.pyc'}:
            app = '.'.join((*MODULES.parts, path.parts[0]))
            data.setdefault(app, []).append(str(path.relative_to(path.parts[0])))
    return data


def system_files() -> list[tuple[Path, Path]]:
    """Pairs of a file in this tree and where it goes, relative to /."""
    pairs = [(ROOT / 'data' / path, path) for path in files_below(ROOT / 'data')]
    for path in files_below(ROOT / 'actions'):
        target = f'usr/sbin/{COMMAND}' if path == Path(COMMAND) else f'usr/lib/{COMMAND}/{path}'
        pairs.append((ROOT / 'actions' / path, Path(target)))
    for page in files_below(ROOT / 'doc/man'):
        if re.fullmatch(r'\.[1-8]', page.suffix):
            target = f'usr/share/man/man{page.suffix[1:]}/{page.name}'
            pairs.append((ROOT / 'doc/man' / page, Path(target)))
    return pairs


def copy(source: Path, target: Path) -> None:
    """Copy one file with its mode, or one symbolic link as the link it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)


class InstallSystem(Command):
    """Copy all files that live outside the Python path.

    Why not setuptools' data_files: it follows symbolic links and wants every folder listed.
    """

    description = 'install the files laid out like /'
    user_options = [('root=', None, 'install everything relative to this folder')]  # noqa: RUF012

    def initialize_options(self) -> None:
        """Start without a folder."""
        self.root: str | None = None

    def finalize_options(self) -> None:
        """Take the folder given to the install command."""
        self.set_undefined_options('install', ('root', 'root'))

    def run(self) -> None:
        """Copy every file to its place."""
        for source, target in system_files():
            copy(source, Path(self.root or '/') / target)


class Install(install):
    """The ordinary installation, then the files outside the Python path."""

    sub_commands = [*install.sub_commands, ('install_system', None)]  # noqa: RUF012


setup(
    name=COMMAND,
    version=version(),
    description='Email for FreedomBox: sets up and manages a mail server',
    license='AGPL-3.0-or-later',
    packages=packages(),
    package_data=package_data(),
    cmdclass={'install': Install, 'install_system': InstallSystem},
)
