# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs run on the developer's machine, and checks of that machine."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from . import settings

T = TypeVar('T')


class LabError(Exception):
    """Something the person at the keyboard has to know or to do, in one sentence."""


def run(
    arguments: Sequence[str | Path],
    *,
    check: bool = True,
    stdin: str | bytes | None = None,
    timeout: float | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program, return its output; on failure raise LabError with its last words."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    try:
        done = subprocess.run(
            [str(argument) for argument in arguments], input=data if data is not None else b'',
            capture_output=True, timeout=timeout, check=False, env=env, cwd=cwd,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise LabError(f'{arguments[0]} is not installed.') from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f'{arguments[0]} did not finish within {timeout:.0f} s.') from error
    out, err = done.stdout.decode('utf-8', 'replace'), done.stderr.decode('utf-8', 'replace')
    if check and done.returncode:
        words = '\n'.join((out + err).strip().splitlines()[-15:])
        command = ' '.join(map(str, arguments))
        raise LabError(f'{command!r} failed with {done.returncode}:\n{words}')
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def contained(arguments: Sequence[str | Path]) -> list[str | Path]:
    """The command that leaves no process and no mount behind, however we end.

    It runs in process and mount namespaces of its own, whose first process dies with ours.
    """
    return ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork',
            '--kill-child', '--mount-proc', *arguments]  # fmt: skip


def remove_tree(folder: Path) -> None:
    """Delete a folder of ours; mounts in it are unmounted first, never deleted."""
    for mounted in reversed(mounts_below(folder)):
        run(['umount', mounted])
    if folder.exists():
        shutil.rmtree(folder)


def mounts_below(folder: Path) -> list[Path]:
    """The mounts on a folder or in it, in the order they were made (proc(5))."""
    lines = Path('/proc/self/mountinfo').read_text(encoding='utf-8').splitlines()
    points = [Path(line.split()[4].replace('\\040', ' ')) for line in lines]
    return [point for point in points if point.is_relative_to(folder)]


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show one step and the time it took."""
    started = time.monotonic()
    print(f'· {title} ...', file=sys.stderr, flush=True)
    yield
    print(f'✓ {title} ({time.monotonic() - started:.1f} s)', file=sys.stderr, flush=True)


def wait_for(what: str, condition: Callable[[], T | None], timeout: float, pause: float = 0.2) -> T:
    """Wait until a condition holds and return its value; LabError when it never does."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f'Waited {timeout:.0f} s in vain for {what}.')
        time.sleep(pause)


def check_machine() -> None:
    """Raise LabError with the one thing to do when the lab can't run here."""
    if os.geteuid() != 0:
        raise LabError('Run this as root: sudo ./box ...')
    if shutil.which('apt-get') is None:
        raise LabError('This needs a Debian 12 or 13 machine: apt-get was not found.')
    settings.CACHE.mkdir(parents=True, exist_ok=True, mode=0o755)
    if shutil.disk_usage(settings.CACHE).free < 6 * 1024**3:
        raise LabError(f'Free some disk space: {settings.CACHE} needs 6 GB.')
    if run(['unshare', '--mount', '--pid', '--net', '--fork', 'true'], check=False).returncode:
        raise LabError('This machine forbids namespaces: use one where root may unshare(1).')
    if 'overlay' not in Path('/proc/filesystems').read_text(encoding='ascii'):
        run(['modprobe', 'overlay'], check=False)
    if 'overlay' not in Path('/proc/filesystems').read_text(encoding='ascii'):
        raise LabError('This kernel has no overlayfs: use a machine whose kernel has it.')


def install_packages() -> None:
    """Install the lab's packages that the machine lacks, with apt."""
    found = run(['dpkg-query', '-W', '-f', '${db:Status-Abbrev} ${Package}\n'], check=False).stdout
    present = {line[4:].strip() for line in found.splitlines() if line.startswith('ii')}
    missing = [name for name in settings.HOST_PACKAGES if name not in present]
    if not missing:
        return
    env = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    with step(f'Packages of this machine: {", ".join(missing)}'):
        if run(['apt-get', 'update', '-q'], check=False, env=env).returncode:
            raise LabError('apt-get update failed: check this machine has a network connection.')
        command = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', *missing]
        run(command, env=env, timeout=900)
