# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs of the system, run by argument lists, in bounded time and a plain environment.

DIAGNOSTICS
    program-failed  a program could not be started, or did not end in its time
"""

import os
import pwd
import socket
import subprocess
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import MailError, Value

SECONDS = 60.0
SLOW = 'program-failed.slow'
MOST_WORDS = 4000
"""Characters of a program's complaint that are kept."""
ENVIRONMENT = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LANG': 'C.UTF-8', 'LC_ALL': 'C.UTF-8'}
_TIMED_OUT = 124


@dataclass(frozen=True)
class Ran:
    """The result of a program that has ended."""

    code: int
    output: str
    errors: str

    @property
    def words(self) -> str:
        """The last words of a complaint."""
        return (self.errors or self.output).strip()[-MOST_WORDS:] or f'status {self.code}'


def _as_account(name: str) -> dict[str, Any]:
    """Options of subprocess that make a program run as a system user."""
    if not name:
        return {}
    entry = pwd.getpwnam(name)
    return {'user': entry.pw_uid, 'group': entry.pw_gid, 'extra_groups': []}


def run(
    command: Sequence[str],
    *,
    stdin: str | bytes = '',
    seconds: float = SECONDS,
    account: str = '',
    folder: str = '/',
    env: Mapping[str, str] | None = None,
    client: socket.socket | None = None,
) -> Ran:
    """Run a program to its end; `client` may be its input and output.

    Raises MailError when it cannot be started or takes longer than `seconds`.
    """
    data = stdin.encode() if isinstance(stdin, str) else stdin
    ends: dict[str, Any] = {'input': data, 'stdout': subprocess.PIPE}
    if client is not None:
        ends = {'stdin': client.fileno(), 'stdout': client.fileno()}
    try:
        done = subprocess.run(
            command, **ends, stderr=subprocess.PIPE, cwd=folder, timeout=max(seconds, 0.0),
            env={**ENVIRONMENT, **(env or {})}, check=False, **_as_account(account),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise MailError(SLOW, str(error)[:500], program=command[0]) from error
    except OSError as error:
        raise MailError('program-failed.not-run', str(error), program=command[0]) from error
    return Ran(
        done.returncode,
        (done.stdout or b'').decode(errors='replace'),
        done.stderr.decode(errors='replace'),
    )


@contextmanager
def failing_as(key: str, **params: Value) -> Iterator[None]:
    """Give programs that cannot be run a reason of the caller's."""
    try:
        yield
    except MailError as error:
        if error.code != 'program-failed':
            raise
        raise MailError(key, error.detail, **params) from error


def must(command: Sequence[str], key: str, *, seconds: float = SECONDS, **params: Value) -> Ran:
    """Run a program that has to succeed; else MailError with this key and its words."""
    with failing_as(key, **params):
        ran = run(command, seconds=seconds)
    if ran.code:
        raise MailError(key, ran.words, **params)
    return ran


def lines(
    command: Sequence[str], seconds: float, fine: Collection[int] = (0,)
) -> Generator[str, None, None]:
    """The lines of a program's output as they come; it is ended when they are left.

    Raises TimeoutError when it takes too long, OSError for an exit code that is not fine.
    """
    with subprocess.Popen(
        ['timeout', f'{seconds}', *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, **ENVIRONMENT}, text=True, errors='replace',
    ) as process:  # fmt: skip
        assert process.stdout is not None  # noqa: S101
        try:
            yield from process.stdout
            code = process.wait()
            if code == _TIMED_OUT:
                raise TimeoutError(f'{command[0]} took longer than {seconds} s.')
            if code not in fine:
                raise OSError(f'{command[0]} ended with {code}')
        finally:
            process.kill()
