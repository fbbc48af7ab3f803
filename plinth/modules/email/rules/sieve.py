# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our own Sieve scripts, compiled where Dovecot looks for them.

Dovecot's processes may not write there, so it is done for them. Dovecot compiles a script that
is newer than its compiled form itself, at each delivery; with one that has an error it delivers
to the inbox and says so in the log alone. So nothing is changed while a script has an error, and
:mod:`..maintenance.readable` tells of one that got an error since.

DIAGNOSTICS
    sieve-failed  a script has an error; the detail holds sievec's words
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..config.sieve_order import SIEVE, SIEVE_BINARIES
from ..errors import MailError
from ..transaction import sandbox
from ..transaction.daemons import DOVECONF

SIEVEC = '/usr/bin/sievec'
SETTINGS = (
    '-o', 'sieve_plugins=sieve_imapsieve sieve_extprograms',
    '-o', 'sieve_global_extensions=vnd.dovecot.pipe vnd.dovecot.execute vnd.dovecot.environment',
)  # fmt: skip
"""Extensions of our scripts: Dovecot only has them while mail is moved, or delivered."""
SCRIPTS = ('junk', 'learn-ham', 'learn-spam')


def _script(name: str) -> Path:
    return Path(SIEVE, f'{name}.sieve')


def commands() -> tuple[tuple[str, ...], ...]:
    """Commands that fail where a script has an error, and write nothing."""
    return tuple((SIEVEC, '-d', *SETTINGS, str(_script(name))) for name in SCRIPTS)


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder to compile in, beside the scripts in use; several may be at work at once."""
    Path(SIEVE_BINARIES).mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='.new-', dir=SIEVE_BINARIES) as folder:
        yield Path(folder)


def prepare(folder: Path) -> bool:
    """Compile the scripts into a folder; False when Dovecot's own settings prevent it."""
    for name in SCRIPTS:
        ran = sandbox.run((SIEVEC, *SETTINGS, str(_script(name)), str(folder / name)))
        if ran.code and sandbox.run((DOVECONF, '-n')).code:
            return False
        if ran.code:
            raise MailError('sieve-failed', ran.errors.strip(), script=str(_script(name)))
    return True


def install(folder: Path) -> None:
    """Put the scripts compiled into a folder in the place of those in use."""
    for name in SCRIPTS:
        (folder / name).chmod(0o644)
        (folder / name).rename(Path(SIEVE_BINARIES, f'{name}.svbin'))
