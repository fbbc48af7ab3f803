# SPDX-License-Identifier: AGPL-3.0-or-later
"""Packages of Debian, looked at and changed with python-apt.

Versions that are installed are read from dpkg's own files, which every user may do at any
time and in any thread. All else (candidates, sizes, installing and removing) takes apt's
settings and lock, of which a process has one each, and FreedomBox uses them too: a program of
its own does that, see :mod:`.in_apt` and doc/packages.md.

Where dpkg changes packages, the program is a unit of systemd's, as when FreedomBox runs apt: it
goes on when this process is stopped, and does not restart FreedomBox meanwhile.

DIAGNOSTICS
    packages-busy         others install or remove packages, and longer than one can wait
    packages-unknown      no source has a package of that name
    packages-conflict     other packages would have to be removed
    packages-needed       other packages need the one that is to be removed
    packages-broken       what packages need is not there; apt has to be asked to mend that
    packages-not-fetched  the download failed
    packages-failed       apt or dpkg failed; the detail says why
    no-space              there is no room for the packages
"""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import MailError
from . import programs

DPKG = Path('/var/lib/dpkg')
WAIT_SECONDS = 120.0
LOOK_SECONDS = 60.0
INSTALL_SECONDS = 3600.0
_PROGRAM = Path(__file__).with_name('in_apt.py')
_NEEDRESTART = '/etc/needrestart/conf.d/freedombox-self.conf'
_AS_UNIT = (
    'systemd-run', '--pipe', '--quiet', '--collect',
    f'--property=BindReadOnlyPaths=-/usr/share/freedombox{_NEEDRESTART}:{_NEEDRESTART}',
    '--setenv=DEBIAN_FRONTEND=noninteractive', '--setenv=FREEDOMBOX_INVOKED=true',
    '--setenv=LC_ALL=C.UTF-8',
)  # fmt: skip

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Versions:
    """The versions of a package: '' for one that is not installed, or cannot be."""

    installed: str
    candidate: str


@dataclass(frozen=True)
class Outlook:
    """Packages, and the bytes it would take to install those that are not there."""

    versions: Mapping[str, Versions]
    download: int
    disk: int
    lacking: Mapping[str, int]
    """The room that is needed and that is there, in MB, where it is too little; else nothing."""


@dataclass(frozen=True)
class AptProgress:
    """The progress of an installation or removal: `waiting`, `download` or `install`."""

    step: str
    percent: float
    package: str


OnProgress = Callable[[AptProgress], None]


def log(progress: AptProgress) -> None:
    """The log entry about a wait for others, which would look like a standstill."""
    if progress.step == 'waiting':
        logger.info('Another program installs or removes packages; waiting for it to end.')


def _apt_pkg() -> Any:
    """The library of apt; in this process only for what needs neither cache nor settings."""
    import apt  # initialises it, once; again, while a thread opens a cache, ends the process

    return apt.apt_pkg


def is_older(version: str, than: str) -> bool:
    """Whether a version is older than another one, as dpkg sees it."""
    return bool(_apt_pkg().version_compare(version, than) < 0)


def _sections(folder: Path) -> Iterator[Mapping[str, str]]:
    """The list of dpkg, then its changes while it is at work or after it was cut short."""
    apt_pkg = _apt_pkg()
    for path in (folder / 'status', *sorted((folder / 'updates').glob('[0-9]*'))):
        with apt_pkg.TagFile(str(path)) as sections:
            yield from sections


def installed(names: Iterable[str], folder: Path = DPKG) -> dict[str, str]:
    """Versions of those of these packages that are installed.

    Raises OSError or MailError when they cannot be seen.
    """
    wanted, found = set(names), {}
    try:
        for section in _sections(folder):
            if (name := section.get('Package')) in wanted:
                is_there = section.get('Status', '').endswith(' installed')
                kind = section.get('Architecture', '')
                found[name, kind] = section['Version'] if is_there else ''
    except SystemError as error:  # of apt
        raise MailError('packages-failed', str(error)) from error
    return {name: version for (name, _kind), version in found.items() if version}


def look(names: Sequence[str]) -> Outlook:
    """Versions of packages, and what installing them would take; every user may ask."""
    result = _ordered({'verb': 'look', 'names': list(names)}, (), LOOK_SECONDS, log)
    versions = {name: Versions(*each) for name, each in result['versions'].items()}
    return Outlook(versions, result['download'], result['disk'], result['lacking'])


def install(
    names: Sequence[str],
    *,
    automatic: bool = False,
    recommends: bool = True,
    on_progress: OnProgress = log,
    wait: float = WAIT_SECONDS,
) -> tuple[str, ...]:
    """Install packages that are not there, with what they need; all that had to be installed.

    Those that are `automatic` go again when nothing needs or suggests them any more.
    """
    order = {'verb': 'install', 'names': list(names), 'automatic': automatic}
    order |= {'recommends': recommends, 'wait': wait}
    return tuple(_ordered(order, _AS_UNIT, wait + INSTALL_SECONDS, on_progress)['changed'])


def remove(
    names: Sequence[str],
    *,
    purge: bool = False,
    on_progress: OnProgress = log,
    wait: float = WAIT_SECONDS,
) -> tuple[str, ...]:
    """Remove packages that nothing else needs; those that were there."""
    order = {'verb': 'remove', 'names': list(names), 'purge': purge, 'wait': wait}
    return tuple(_ordered(order, _AS_UNIT, wait + INSTALL_SECONDS, on_progress)['changed'])


def _ordered(
    order: Mapping[str, Any], around: Sequence[str], seconds: float, on_progress: OnProgress
) -> dict[str, Any]:
    """The result of an order to the program that uses apt."""
    what = ' '.join(['freedombox-email:', order['verb'], *order['names']])
    described = [*around, f'--description={what}'] if around else []
    command = [*described, sys.executable, '-I', str(_PROGRAM), json.dumps({**order, 'what': what})]
    last: dict[str, Any] = {}
    try:
        for line in programs.lines(command, seconds):
            last = json.loads(line)
            if 'step' in last:
                on_progress(AptProgress(**last))
    except (OSError, ValueError) as error:
        raise MailError('packages-failed', str(error)) from error
    match last:
        case {'result': dict(result)}:
            return result
        case {'error': str(key), 'params': dict(params), 'detail': str(detail)}:
            raise MailError(key, detail, params)
    raise MailError('packages-failed', 'no result')
