# SPDX-License-Identifier: AGPL-3.0-or-later
"""Look at, install or remove packages with python-apt, in a process with nothing else in it.

    python3 -I in_apt.py ORDER

ORDER is a JSON object: `verb` (`look`, `install`, `remove`), `names`, `what` for apt's history,
and what the verb wants besides; see :mod:`.packages`, which writes it. Each line of the output
is one too: a `step` on the way, and at the end a `result` or an `error` with its values and its
`detail`.

This is a program of its own because apt's settings and its lock belong to a process, and because
python-apt forks to start dpkg: where other threads are at work, the copy inherits their locks.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apt
import apt.progress.base
import apt_pkg
from apt.cache import FetchFailedException, LockFailedException

_PROGRAMS = '/usr'
_UPDATES = Path('/var/lib/dpkg/updates')
_MB = 2**20
_LOOK_SECONDS = 0.5

Order = Mapping[str, Any]
Tell = Callable[..., None]


class RefusalError(Exception):
    """An end without success: the key of a reason, its values, and the detail."""

    def __init__(self, key: str, detail: str = '', **params: Any) -> None:
        self.key, self.detail, self.params = key, detail, params
        super().__init__(key)


class Fetching(apt.progress.base.AcquireProgress):
    """The progress of a download."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell

    def pulse(self, _owner: Any) -> bool:
        """Report how far it is, and go on."""
        percent = 100 * self.current_bytes / self.total_bytes if self.total_bytes else 0.0
        self._tell(step='download', percent=percent, package='')
        return True


class Installing(apt.progress.base.InstallProgress):
    """The progress of dpkg, and its complaints."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell
        self.complaints: list[str] = []

    def status_change(self, pkg: str, percent: float, status: str) -> None:  # noqa: ARG002
        """Report how far it is."""
        self._tell(step='install', percent=percent, package=pkg)

    def error(self, pkg: str, errormsg: str) -> None:
        """Keep a complaint."""
        self.complaints.append(f'{pkg}: {errormsg}')


def _teller() -> Tell:
    """A function that writes a line; all else that is printed goes where complaints go."""
    output = os.fdopen(os.dup(1), 'w', encoding='utf-8', buffering=1)
    os.dup2(2, 1)

    def tell(**told: Any) -> None:
        with suppress(OSError):  # when none reads any more, dpkg must not be cut short
            print(json.dumps(told), file=output)

    return tell


def _is_interrupted() -> bool:
    """Whether dpkg was cut short, or is at work."""
    return any(path.name[0].isdigit() for path in _UPDATES.iterdir())


def _tried(act: Callable[[], Any], failure: type[Exception], deadline: float, tell: Tell) -> Any:
    """The result of an act that needs a lock, tried again while others hold it."""
    is_told = False
    while True:
        try:
            return act()
        except failure as error:
            if time.monotonic() >= deadline:
                raise RefusalError(_why_not(str(error)), str(error)) from error
        if _is_interrupted():  # python-apt can only say so; dpkg refuses while it is at work
            subprocess.run(['dpkg', '--configure', '-a'], stdin=subprocess.DEVNULL, check=False)
        if not is_told:
            tell(step='waiting', percent=0.0, package='')
            is_told = True
        time.sleep(_LOOK_SECONDS)


def _why_not(complaint: str) -> str:
    """The reason for which there is no lock: others have it, or dpkg was cut short."""
    return 'packages-broken' if 'dpkg was interrupted' in complaint else 'packages-busy'


@contextmanager
def _locked(deadline: float, tell: Tell) -> Iterator[None]:
    """Keep other programs from changing packages."""
    _tried(apt_pkg.pkgsystem_lock, apt_pkg.Error, deadline, tell)
    try:
        yield
    finally:
        apt_pkg.pkgsystem_unlock()


def _settings(order: Order) -> None:
    """Settings for an administrator who is not there to be asked."""
    apt_pkg.config.set('APT::Install-Recommends', str(int(order.get('recommends', True))))
    apt_pkg.config.set('CommandLine::AsString', order['what'])  # for apt's history
    for option in ('--force-confdef', '--force-confold'):
        apt_pkg.config.set('DPkg::Options::', option)


def _known(cache: apt.Cache, names: Iterable[str]) -> None:
    """Refuse names of packages there are none of."""
    for name in names:
        if name not in cache or cache[name].candidate is None:
            raise RefusalError('packages-unknown', name=name)


def _mark(cache: apt.Cache, order: Order) -> None:
    """Mark what is to be installed."""
    for name in order['names']:
        if not cache[name].is_installed:
            cache[name].mark_install(from_user=not order.get('automatic', False))
    if cache.broken_count:
        raise RefusalError('packages-broken')


def _changes(cache: apt.Cache) -> list[str]:
    """Names of what is installed; nothing may have to go for it."""
    going = [each.name for each in cache.get_changes() if each.marked_delete]
    if going:
        raise RefusalError('packages-conflict', name=', '.join(going))
    return [each.name for each in cache.get_changes()]


def _download(cache: apt.Cache) -> int:
    """Bytes of the packages that are to be fetched, also of those that lie there already."""
    marked = (each for each in cache.get_changes() if each.marked_install or each.marked_upgrade)
    return sum(each.candidate.size for each in marked)


def _lacking(cache: apt.Cache) -> dict[str, int]:
    """The room that is needed and that is there, in MB, where it is too little; else nothing."""
    archives = apt_pkg.config.find_dir('Dir::Cache::Archives')
    needed = {_PROGRAMS: int(cache.required_space), archives: _download(cache)}
    disks = {place: os.stat(place).st_dev for place in needed}  # noqa: PTH116
    for place, disk in disks.items():
        total = sum(needed[other] for other in needed if disks[other] == disk)
        room = os.statvfs(place)
        there = room.f_bavail * room.f_frsize
        if total > there:
            return {'needed': -(-total // _MB), 'there': there // _MB}
    return {}


def look(order: Order, _tell: Tell) -> dict[str, Any]:
    """Versions of packages, and what installing them would take."""
    with apt.Cache() as cache:
        there = {name: cache[name] for name in order['names'] if name in cache}
        versions = {
            name: [each.version if each else '' for each in (found.installed, found.candidate)]
            for name, found in there.items()
        }
        known = [name for name, found in there.items() if found.candidate]
        _mark(cache, {**order, 'names': known})
        sizes = {'download': _download(cache), 'disk': int(cache.required_space)}
        return {'versions': versions, **sizes, 'lacking': _lacking(cache)}


def _commit(cache: apt.Cache, deadline: float, tell: Tell) -> None:
    """Make the marked changes."""
    with Installing(tell) as progress:
        try:
            _tried(
                lambda: cache.commit(Fetching(tell), progress), LockFailedException, deadline, tell
            )
        except FetchFailedException as error:
            raise RefusalError('packages-not-fetched', str(error)) from error
        except SystemError as error:
            detail = '\n'.join([*progress.complaints, str(error)])
            raise RefusalError('packages-failed', detail) from error


def install(order: Order, tell: Tell) -> dict[str, Any]:
    """Install packages that are not there yet; those that had to be."""
    deadline = time.monotonic() + order['wait']
    with _locked(deadline, tell), apt.Cache() as cache:
        _known(cache, order['names'])
        _mark(cache, order)
        changed = _changes(cache)
        if lacking := _lacking(cache):
            raise RefusalError('no-space.install', '', **lacking)
        if changed:
            _commit(cache, deadline, tell)
        return {'changed': changed}


def remove(order: Order, tell: Tell) -> dict[str, Any]:
    """Remove packages that nothing else needs; those that were there."""
    deadline = time.monotonic() + order['wait']
    with _locked(deadline, tell), apt.Cache() as cache:
        there = [name for name in order['names'] if name in cache and cache[name].is_installed]
        for name in there:
            cache[name].mark_delete(purge=order.get('purge', False))
        others = [each.name for each in cache.get_changes() if each.name not in there]
        if others:
            raise RefusalError('packages-needed', name=', '.join(others))
        if there:
            _commit(cache, deadline, tell)
        return {'changed': there}


VERBS: Mapping[str, Callable[[Order, Tell], dict[str, Any]]] = {
    'look': look,
    'install': install,
    'remove': remove,
}


def main(text: str) -> None:
    """Carry out an order."""
    tell = _teller()
    order = json.loads(text)
    try:
        _settings(order)
        tell(result=VERBS[order['verb']](order, tell))
    except RefusalError as refusal:
        tell(error=refusal.key, params=refusal.params, detail=refusal.detail)
    except (SystemError, OSError) as error:  # apt's own among them
        tell(error='packages-failed', params={}, detail=str(error))


if __name__ == '__main__':
    main(sys.argv[1])
