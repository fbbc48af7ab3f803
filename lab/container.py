# SPDX-License-Identifier: AGPL-3.0-or-later
"""Booting the lab's machines with systemd-nspawn and running commands in them.

A machine is an overlay: read-only base layers below, all that happens above. It works
where the host's own first process is not systemd, so it neither asks for a unit nor
registers with machined.
"""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from . import cgroup, settings
from .host import LabError, remove_tree, run, wait_for
from .settings import Machine

_HANDS_OFF = '[keyfile]\nunmanaged-devices=interface-name:host0\n'
"""For NetworkManager: if it sees the interface first, it takes it and finds no DHCP server."""

_STOPS = '[Manager]\nDefaultTimeoutStopSec=25s\n'
"""Now and then systemd in a container is not told that a service's last process has ended, and
waits for nothing, usually for 90 s. Rspamd, which may compile its rules first, takes 17 s."""

_leaders: dict[str, int] = {}
"""Answers of `leader`, by names of machines: each command in one asks, and a search takes long."""

_ENVIRONMENT = ('PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8', 'TERM=xterm')


def boot(
    machine: Machine,
    layers: Sequence[Path],
    files: Mapping[str, str] | None = None,
    memory_mb: int = 0,
) -> None:
    """Boot a machine over these base layers (uppermost first) unless it runs already.

    `files` are written into it before, by their absolute paths. With `memory_mb` it has no more
    memory than that.
    """
    if leader(machine):
        return
    _mount(machine, layers)
    write(machine, {**_files_of_the_lab(machine), **(files or {})})
    # A machine that was killed may leave its end of the cable for a moment.
    run(['ip', 'link', 'delete', f'vb-{_marker(machine)}'], check=False)
    groups = cgroup.make(_marker(machine), memory_mb)
    console = (machine.folder / 'console.log').open('wb')
    with console:
        subprocess.run(
            [
                'setsid', '--fork', 'systemd-nspawn', '--quiet', '--boot', '--register=no',
                '--keep-unit', f'--directory={machine.root}', f'--machine={_marker(machine)}',
                f'--hostname={machine.hostname}', f'--network-bridge={settings.BRIDGE}',
                '--resolv-conf=off', '--link-journal=no', '--timezone=off',
            ],
            stdin=subprocess.DEVNULL, stdout=console, stderr=console, check=True,
            env={**os.environ, 'SYSTEMD_NSPAWN_UNIFIED_HIERARCHY': '1'},
            preexec_fn=lambda: cgroup.enter(groups),
        )  # fmt: skip
    wait_for(f'{machine.name} to start', lambda: leader(machine), 30)
    wait_for(f'{machine.name} to boot', lambda: _booted(machine), 120)


def stop(machine: Machine, *, at_once: bool = False) -> None:
    """Shut a machine down in order, at once if it will not or shall not, and unmount it."""
    if leader(machine) and not at_once:
        execute(machine, ['systemctl', 'poweroff'], check=False)
        _gone(machine, 60)
    # The machine's own init as well: without its supervisor it would go on.
    for pid in filter(None, [leader(machine), *_supervisors(machine)]):
        with suppress(ProcessLookupError):
            os.kill(pid, 9)
    _gone(machine, 10)
    cgroup.remove(_marker(machine))
    if machine.root.is_mount():
        wait_for(f'{machine.root} to be free', lambda: _unmount(machine), 20)


def discard(machine: Machine) -> None:
    """End a machine and forget all that happened in it."""
    stop(machine, at_once=True)
    remove_tree(machine.folder)


def freeze(machine: Machine, target: Path) -> None:
    """Turn the changes in a stopped machine into a base layer."""
    if leader(machine):
        raise LabError(f'{machine.name} must be stopped before it can become a base.')
    (machine.folder / 'upper').rename(target)
    remove_tree(machine.folder)


def can_copy(machine: Machine) -> bool:
    """Whether the changes in a machine can be copied while it runs."""
    return cgroup.can_freeze(_marker(machine))


def copy_changes(machine: Machine, target: Path) -> None:
    """Make a base layer of the changes in a running machine, as they are at one moment.

    A machine over it finds what it would find after a power failure.
    """
    with cgroup.frozen(_marker(machine)):
        run(['cp', '--archive', machine.folder / 'upper', target], timeout=120)


def execute(
    machine: Machine,
    arguments: Sequence[str],
    *,
    check: bool = True,
    stdin: str | bytes | None = None,
    timeout: float | None = 600,
    user: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command in a machine as root, or as another of its users."""
    return run(command(machine, arguments, user=user), check=check, stdin=stdin, timeout=timeout)


def command(machine: Machine, arguments: Sequence[str], user: str | None = None) -> list[str]:
    """The host's command line that runs a command in a machine."""
    pid = leader(machine)
    if not pid:
        raise LabError(f'The machine {machine.name!r} does not run: ./box up')
    prefix = ['nsenter', f'--target={pid}', '--mount', '--uts', '--ipc', '--net', '--pid',
              '--wdns=/', '--', 'env', '-i', *_ENVIRONMENT]  # fmt: skip
    if user:
        prefix += ['runuser', '-u', user, '--']
    return [*prefix, *arguments]


def cpu_files(machine: Machine) -> list[Path]:
    """Where the kernel says how long a machine, if it runs, has used processors."""
    return cgroup.cpu_files(_marker(machine))


def write(machine: Machine, files: Mapping[str, str]) -> None:
    """Write files of root's into a machine, whether it runs or not, by their absolute paths."""
    for name, text in files.items():
        path = machine.root / name.lstrip('/')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')


def copy_in(machine: Machine, tree: Path, names: Sequence[str], target: str) -> None:
    """Put files of a host folder into a machine, in place of those at the target."""
    archive = subprocess.run(
        ['tar', '-C', str(tree), '-c', '--exclude=__pycache__', *names], capture_output=True,
        check=True,
    ).stdout  # fmt: skip
    execute(machine, ['rm', '-rf', target])
    execute(machine, ['mkdir', '-p', target])
    execute(machine, ['tar', '-C', target, '-x', '--no-same-owner'], stdin=archive)


def leader(machine: Machine) -> int:
    """The process id of a machine's own init as the host sees it, 0 if it is down."""
    known = _leaders.get(machine.name, 0)
    if known and _supervises(_parent(known), machine):
        return known
    for pid in _supervisors(machine):
        children = Path(f'/proc/{pid}/task/{pid}/children')
        try:
            words = children.read_text(encoding='ascii').split()
        except OSError:
            continue
        if words:
            _leaders[machine.name] = int(words[0])
            return int(words[0])
    return 0


def _parent(pid: int) -> int:
    """The process that started another one, 0 when that has ended."""
    try:
        text = Path(f'/proc/{pid}/stat').read_text(encoding='utf-8', errors='replace')
    except OSError:
        return 0
    return int(text.rpartition(')')[2].split()[1])


def _marker(machine: Machine) -> str:
    return f'fbx{settings.LAB}-{machine.name}'


def _supervisors(machine: Machine) -> list[int]:
    """The process ids of the systemd-nspawn that runs a machine."""
    pids = [int(path.name) for path in Path('/proc').iterdir() if path.name.isdigit()]
    return [pid for pid in pids if _supervises(pid, machine)]


def _supervises(pid: int, machine: Machine) -> bool:
    """Whether a process is the systemd-nspawn of a machine."""
    try:
        words = Path(f'/proc/{pid}/cmdline').read_bytes().split(b'\0')
    except OSError:  # it has ended meanwhile
        return False
    return (
        words[0].endswith(b'systemd-nspawn') and f'--machine={_marker(machine)}'.encode() in words
    )


def _mount(machine: Machine, layers: Sequence[Path]) -> None:
    for name in ('upper', 'work', 'root'):
        (machine.folder / name).mkdir(parents=True, exist_ok=True)
    if not machine.root.is_mount():
        lower = ':'.join(map(str, layers))
        options = f'lowerdir={lower},upperdir={machine.folder}/upper,workdir={machine.folder}/work'
        run(['mount', '-t', 'overlay', 'overlay', '-o', options, machine.root])
    (machine.folder / 'layers').write_text('\n'.join(map(str, layers)), encoding='utf-8')


def layers_of(machine: Machine) -> list[Path]:
    """The base layers a machine was booted over, none if it never was."""
    path = machine.folder / 'layers'
    return (
        [Path(line) for line in path.read_text(encoding='utf-8').splitlines()]
        if path.exists()
        else []
    )


def _unmount(machine: Machine) -> bool:
    run(['umount', machine.root], check=False)
    return not machine.root.is_mount()


def _files_of_the_lab(machine: Machine) -> dict[str, str]:
    """Files that give a machine its address, and keep it still.

    Debian upgrades and removes packages once a day, at any moment, also in the midst of a test.
    """
    second = f'Address={settings.DNS}/{settings.PREFIX}\n' if machine == settings.OUTSIDE else ''
    network = (
        '[Match]\nName=host0\n\n[Network]\n'
        f'Address={machine.ip}/{settings.PREFIX}\n{second}'
        f'Gateway={settings.GATEWAY}\nDNS={settings.DNS}\nLLMNR=no\nMulticastDNS=no\n'
    )
    return {
        '/etc/systemd/network/10-lab.network': network,
        '/etc/NetworkManager/conf.d/90-lab.conf': _HANDS_OFF,
        '/etc/apt/apt.conf.d/99lab': 'APT::Periodic::Enable "0";\n',
        '/etc/systemd/system.conf.d/90-lab.conf': _STOPS,
        '/etc/hostname': machine.hostname + '\n',
    }


def _booted(machine: Machine) -> bool:
    if not leader(machine):  # nspawn forks twice before the machine's own init is there
        return False
    state = execute(machine, ['systemctl', 'is-system-running'], check=False).stdout.strip()
    return state in ('running', 'degraded', 'starting') and (
        execute(machine, ['systemctl', 'is-active', '--quiet', 'multi-user.target'], check=False)
        .returncode == 0
    )  # fmt: skip


def _gone(machine: Machine, timeout: float) -> bool:
    end = time.monotonic() + timeout
    while _supervisors(machine) and time.monotonic() < end:
        time.sleep(0.2)
    return not _supervisors(machine)
