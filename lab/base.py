# SPDX-License-Identifier: AGPL-3.0-or-later
"""Base file systems, kept below the cache folder and named after their contents.

A base is a folder of overlay layers. Its key is a hash of its recipe and of the state of
the package archive, so a stale one is never found; it is built under another name and
renamed when complete, so a half-built one is never found either.
"""

import fcntl
import hashlib
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path

from . import settings
from .host import LabError, contained, remove_tree, run, step

_HOUR = 3600
_KEPT_HOURS = {'app': 2}
"""How long unused bases of a kind are kept, where that is not a day: each edit makes a new one."""
_SUITES = ('trixie', 'trixie-updates', 'trixie-backports')
_PINS = """Explanation: what FreedomBox's own upgrades app does.
Package: src:freedombox
Pin: release n=trixie-backports
Pin-Priority: 500
"""


def sources() -> str:
    """The apt sources of every machine of the lab."""
    lines = [f'deb {settings.MIRROR} {suite} main' for suite in _SUITES]
    return '\n'.join([*lines, f'deb {settings.SECURITY_MIRROR} trixie-security main']) + '\n'


@cache
def archive_state() -> str:
    """A hash that changes whenever a suite of the archive changes."""
    digest = hashlib.sha256()
    urls = [f'{settings.MIRROR}/dists/{suite}/InRelease' for suite in _SUITES]
    for url in [*urls, f'{settings.SECURITY_MIRROR}/dists/trixie-security/InRelease']:
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                digest.update(answer.read())
        except (urllib.error.URLError, TimeoutError) as error:
            raise LabError(f'No network: {url} does not answer ({error}).') from error
    return digest.hexdigest()


def key(*ingredients: str) -> str:
    """A short name for the contents of a base."""
    return hashlib.sha256('\0'.join(ingredients).encode()).hexdigest()[:16]


def folder(kind: str, name: str) -> Path:
    """Where the base of a kind with this key is, or would be."""
    return settings.CACHE / 'bases' / f'{kind}-{name}'


def obtain(kind: str, name: str, build: Callable[[Path], None]) -> Path:
    """The base of a kind with this key, building it when it isn't there.

    Another lab that wants the same base meanwhile waits for it.
    """
    final = folder(kind, name)
    final.parent.mkdir(parents=True, exist_ok=True)
    with (final.parent / f'.{final.name}.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not final.exists():
            _build(final, build)
        os.utime(final)  # it is in use, see prune()
    return final


def _build(final: Path, build: Callable[[Path], None]) -> None:
    partial = final.with_name(f'.{final.name}.partial')
    remove_tree(partial)
    partial.mkdir()
    build(partial)
    os.sync()
    partial.rename(final)


def prune(*keep: Path) -> None:
    """Delete the bases that no machine of any lab has used for some time."""
    used = set(keep)
    for listing in (settings.CACHE / 'machines').glob('*/*/layers'):
        used |= {Path(line).parent for line in listing.read_text(encoding='utf-8').splitlines()}
    for path in filter(Path.is_dir, (settings.CACHE / 'bases').iterdir()):
        hours = _KEPT_HOURS.get(path.name.partition('-')[0], 24)
        is_old = time.time() - path.stat().st_mtime > hours * _HOUR
        if is_old and path not in used and not path.name.startswith(('tools-', 'box-tools-')):
            remove_tree(path)


def freedombox() -> Path:
    """A Debian 13 root with FreedomBox from backports, as its installer makes it."""
    return _bootstrap('freedombox', settings.BOX_PACKAGES, recommends=True)


def outside() -> Path:
    """A small Debian 13 root with an ordinary mail host and a DNS server."""
    return _bootstrap('outside', settings.OUTSIDE_PACKAGES, recommends=False)


def laptop() -> Path:
    """A Debian 13 root with mail programs."""
    return _bootstrap('laptop', settings.LAPTOP_PACKAGES, recommends=False)


def _bootstrap(kind: str, packages: tuple[str, ...], *, recommends: bool) -> Path:
    name = key(kind, *packages, str(recommends), sources(), _PINS, archive_state())

    def build(target: Path) -> None:
        pins = target / 'pins'
        pins.write_text(_PINS, encoding='ascii')
        listing = target / 'sources.list'
        listing.write_text(sources(), encoding='ascii')
        yes = 'true' if recommends else 'false'
        with step(f'Base system {kind} (Debian 13, {len(packages)} packages and what they need)'):
            run(contained([
                'mmdebstrap', '--variant=important', '--quiet',
                f'--include={",".join(packages)}',
                f'--aptopt=APT::Install-Recommends "{yes}"',
                '--dpkgopt=force-unsafe-io',
                '--keyring=/usr/share/keyrings',
                '--skip=cleanup/apt/lists',
                f'--setup-hook=mkdir -p "$1/etc/apt/preferences.d" && cp {pins} '
                '"$1/etc/apt/preferences.d/50freedombox"',
                'trixie', target / 'root', listing,
            ]), timeout=900)  # fmt: skip
            _tidy(target / 'root')

    return obtain(kind, name, build)


def _tidy(root: Path) -> None:
    """Make a root fit for a container: no swap device, networkd instead of a guess."""
    run(['chroot', root, 'systemctl', '--quiet', 'enable', 'systemd-networkd'])
    zram = root / 'etc/systemd/system/zramswap.service'
    zram.unlink(missing_ok=True)
    zram.symlink_to('/dev/null')
    (root / 'etc/apt/apt.conf.d/99mmdebstrap').unlink(missing_ok=True)
