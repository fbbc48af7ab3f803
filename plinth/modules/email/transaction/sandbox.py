# SPDX-License-Identifier: AGPL-3.0-or-later
"""A private copy of the daemons' configuration, to be tried before it becomes real.

Programs run on the stage see the copy at the real path (see :mod:`.in_sandbox`) and write
their log to us instead of the system's, so a refused value leaves no trace in the mail log
and its explanation is at hand.

DIAGNOSTICS
    no-space, not-writable  see :mod:`..system.files`
    check-failed            a program could not be run on the stage or did not end in time
"""

import errno
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from ..errors import MailError
from ..system import files, programs
from ..system.files import File
from ..system.programs import Ran
from .plan import FileChange

TREES = ('/etc/postfix', '/etc/dovecot', '/etc/rspamd')
LOG_SOCKET = '/run/systemd/journal/dev-log'
ENVIRONMENT = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C.UTF-8'}
SECONDS = 30.0
"""No check needs more than a second or two."""


def run(arguments: Sequence[str], client: socket.socket | None = None) -> Ran:
    """Run a program to its end; `client` may be its input and output."""
    with programs.failing_as('check-failed', program=arguments[0]):
        return programs.run(arguments, seconds=SECONDS, client=client)


def showing(pairs: Iterable[tuple[str, str]], program: Sequence[str]) -> list[str]:
    """The command that runs a program which sees copies at real paths: pairs of (copy, path)."""
    return [
        sys.executable,
        '-I',
        str(Path(__file__).with_name('in_sandbox.py')),
        *(path for pair in pairs for path in pair),
        '--',
        *program,
    ]


@dataclass(frozen=True)
class Sandbox:
    """The copies of the trees that change, each as (copy, real path), and the log."""

    copies: tuple[tuple[str, str], ...]
    log_path: str
    log: socket.socket

    @property
    def trees(self) -> frozenset[str]:
        """The real paths of the copies."""
        return frozenset(tree for _copy, tree in self.copies)

    @property
    def unchanged(self) -> Self:
        """A stage that shows the configuration in use, to compare with."""
        return replace(self, copies=())

    def command(self, *program: str) -> list[str]:
        """The command that runs `program` on the stage."""
        pairs = (*self.copies, (self.log_path, os.path.realpath(LOG_SOCKET)))
        return showing(pairs, program)

    def rewrite(self, path: str, change: Callable[[bytes], bytes]) -> None:
        """Change a file on the stage, for the sake of the trial."""
        for copy, tree in self.copies:
            if path.startswith(tree + '/'):
                staged = copy + path.removeprefix(tree)
                file = files.read(staged)
                _put(staged, replace(file, content=change(file.content)))

    def run(self, *program: str, client: socket.socket | None = None) -> Ran:
        """Run a program in the sandbox; its log is added to its errors."""
        self.read_log()
        ran = run(self.command(*program), client)
        return Ran(ran.code, ran.output, ran.errors + self.read_log())

    def read_log(self) -> str:
        """The log of the sandbox since this was last asked."""
        lines = []
        while True:
            try:
                # "<priority>Mon dd hh:mm:ss program[pid]: text", see syslog(3)
                lines.append(self.log.recv(8192).decode(errors='replace').partition('>')[2])
            except BlockingIOError:
                return ''.join(line[16:].rstrip('\n') + '\n' for line in lines)


def _put(path: str, file: File) -> None:
    """Put a file on the stage."""
    files.make_folders(path)
    files.write(path, file)
    if file.kind == 'file':
        # Postfix waits two seconds before it reads a file changed just now.
        os.utime(path, (0, 0))


def _copy(tree: str, folder: Path, changes: tuple[FileChange, ...]) -> tuple[str, str]:
    """Copy one tree and make the changes in the copy."""
    copy = folder / Path(tree).name
    ran = run(['/usr/bin/cp', '-a', '--', tree, str(copy)])
    if ran.code:
        code = 'no-space' if os.strerror(errno.ENOSPC) in ran.errors else 'check-failed'
        raise MailError(f'{code}.copy', ran.errors, path=tree)
    for change in changes:
        if change.path.startswith(tree + '/'):
            _put(str(copy / os.path.relpath(change.path, tree)), change.after)
    return str(copy), tree


@contextmanager
def staged(changes: tuple[FileChange, ...], folder: Path) -> Iterator[Sandbox]:
    """Provide a stage on which `changes` are made; it is gone afterwards."""
    clear(folder)
    with files.named_errors(folder):
        folder.mkdir(mode=0o700)
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        trees = [
            tree
            for tree in TREES
            if Path(tree).is_dir() and any(change.path.startswith(tree + '/') for change in changes)
        ]
        copies = tuple(_copy(tree, folder, changes) for tree in trees)
        log_path = folder / 'log'
        log.bind(str(log_path))
        log_path.chmod(0o666)  # some programs leave root before they log
        yield Sandbox(copies, str(log_path), log)
    finally:
        log.close()
        clear(folder)


def clear(folder: Path) -> None:
    """Remove the rests of an earlier run that was killed."""
    shutil.rmtree(folder, ignore_errors=True)
