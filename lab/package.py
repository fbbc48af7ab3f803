# SPDX-License-Identifier: AGPL-3.0-or-later
"""Building the Debian package from the working tree, and getting changes into a box."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from . import base, container
from .host import LabError, run, step
from .settings import CHECKOUT, Machine

_HOT = 'plinth/'
_INSTALLED = '/usr/lib/python3/dist-packages/'
RECORD = 'installed'
"""The file beside a machine that says which state of the tree is in it."""


def files() -> list[str]:
    """The files of the working tree that belong to the project."""
    listing = run(['git', '-C', CHECKOUT, 'ls-files', '-z', '--cached', '--others',
                   '--exclude-standard']).stdout  # fmt: skip
    return sorted(name for name in set(listing.split('\0')) if name and _is_there(CHECKOUT / name))


def _is_there(path: Path) -> bool:
    """Whether a file or a link, wherever it leads, has not been deleted."""
    return path.is_symlink() or path.is_file()


def _packaged(name: str) -> bool:
    """Whether a file has any part in the package."""
    top = name.split('/', 1)[0]
    return top in ('plinth', 'actions', 'data', 'debian', 'doc', 'setup.py', 'README.md') and (
        '/tests/' not in name
    )


def digest(names: list[str]) -> str:
    """A hash of these files: names, modes and contents."""
    total = hashlib.sha256()
    for name in names:
        path = CHECKOUT / name
        content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
        total.update(f'{name}\0{path.lstat().st_mode}\0'.encode())
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def state() -> str:
    """A hash of all that the package is made of."""
    return digest([name for name in files() if _packaged(name)])


def build(target: Path, *, source: bool = False) -> Path:
    """Build the package from the working tree into a folder and return its path.

    With `source` the folder also gets the source package, and the list of all that is uploaded.
    What has been built once, for any lab, is not built again.
    """
    folder = built(source)
    target.mkdir(parents=True, exist_ok=True)
    for path in folder.glob('freedombox-email_*'):
        shutil.copy2(path, target)
    return target / next(folder.glob('*.deb')).name


def built(source: bool = False) -> Path:
    """The folder with the package of this tree, built when it isn't there."""
    kind, tree = ('upload', digest(files())) if source else ('deb', state())
    return base.obtain(kind, base.key(tree), lambda folder: _build(folder, source))


def _build(target: Path, source: bool) -> None:
    """Build in a copy of the working tree, and move the results into a folder."""
    with tempfile.TemporaryDirectory(prefix='freedombox-email-') as name:
        tree = Path(name) / 'freedombox-email'
        for file in files():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / file, tree / file, follow_symlinks=False)
        words = ['dpkg-buildpackage', '-us', '-uc', '--no-check-builddeps']
        # Most of the source is pictures, which are compressed already.
        run([*words, '--source-option=-z1' if source else '-b'], cwd=tree, timeout=600)
        for path in Path(name).glob('freedombox-email_*' if source else '*_all.deb'):
            shutil.move(path, target / path.name)
    if len(list(target.glob('*.deb'))) != 1:
        raise LabError('dpkg-buildpackage did not make one package.')


def install(machine: Machine) -> bool:
    """Bring a machine to the state of the working tree; return whether anything changed.

    When only modules and templates changed since the package was installed, they are put
    in place directly; anything else takes a new package.
    """
    names = [name for name in files() if _packaged(name)]
    hot, cold = (
        digest([n for n in names if n.startswith(_HOT)]),
        digest([n for n in names if not n.startswith(_HOT)]),
    )
    record = machine.folder / RECORD
    before = record.read_text(encoding='ascii').split() if record.exists() else ['', '']
    if before == [hot, cold]:
        return False
    if before[1] == cold:
        with step('Changed modules and templates'):
            _replace_modules(machine)
    else:
        with step('The package freedombox-email, built from the working tree'):
            package = build(machine.folder / 'deb')
        with step(f'Installing {package.name}'):
            install_package(machine, package)
    record.write_text(f'{hot} {cold}', encoding='ascii')
    return True


def install_package(machine: Machine, package: Path) -> None:
    """Install a package with its dependencies, as `apt install ./x.deb` does."""
    inside = f'/root/{package.name}'
    container.execute(machine, ['tee', inside], stdin=package.read_bytes())
    container.execute(
        machine,
        ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-q', '--reinstall',
         '--allow-downgrades', inside],
        timeout=600,
    )  # fmt: skip


_STOP = (
    'timeout 10 systemctl stop freedombox-privileged || '
    '{ systemctl kill freedombox-privileged; systemctl stop freedombox-privileged; }'
)
"""The service misses a signal to end that comes while it starts, and would run on for minutes."""


def _replace_modules(machine: Machine) -> None:
    for module in ('email', 'emailsetup'):
        container.copy_in(machine, CHECKOUT / 'plinth/modules', [module],
                          f'{_INSTALLED}.incoming')  # fmt: skip
        target = f'{_INSTALLED}plinth/modules/{module}'
        container.execute(machine, ['rm', '-rf', target])
        container.execute(machine, ['mv', f'{_INSTALLED}.incoming/{module}', target])
    container.execute(machine, ['rm', '-rf', f'{_INSTALLED}.incoming'])
    container.execute(machine, ['sh', '-c', _STOP])
    container.execute(machine, ['systemctl', 'restart', 'plinth.service'])
