# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bring the daemons in line with the directory and this machine.

:func:`refresh` looks at the box, works out what every file should say, and makes it true in
one transaction. It may be called at any time and does nothing when all is as it should be.

DIAGNOSTICS
    sieve-failed   a script of ours was not compiled; the detail holds sievec's words
    What :mod:`.dkim`, :mod:`.transaction` and the directory raise passes through.
"""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from freedombox.actions import privileged

from ..config.dovecot import MAIL_HOME, MAIL_USER, SIEVE, SIEVE_BINARIES
from ..config.facts import Certificate, Facts
from ..config.state import State
from ..config.system import system_state
from ..directory.domain import Domain
from ..directory.store import Store
from ..errors import MailError
from . import dkim, transaction

_SIEVE_SECONDS = 60


@privileged
def setup() -> None:
    """Make everything but the packages that the mail system needs. Safe to repeat."""
    refresh()


def refresh(who: str = 'FreedomBox') -> transaction.Result:
    """Make the daemons' files what they should be, for the domains there are now."""
    _make_mail_home()
    facts = gather()
    for domain in facts.domains:
        dkim.ensure_key(domain)
    result = transaction.apply(system_state(facts), 'Follow the directory', who)
    _compile_scripts()  # with the new configuration: it allows what our scripts require
    return result


def wanted_state() -> State:
    """Return what the daemons' files should be now."""
    return system_state(gather())


def gather() -> Facts:
    """Look at the directory and the machine."""
    with Store() as store:
        domains = tuple(domain.name for domain in store.search(Domain) if domain.enabled)
        primary = store.settings().primary_domain
    return Facts(
        primary_domain=primary if primary in domains else None,
        domains=domains,
        certificates=_certificates(domains),
        hostname=socket.gethostname().lower() or 'localhost',
        cores=os.cpu_count() or 1,
        memory_mb=_memory_mb(),
    )


def _certificates(domains: tuple[str, ...]) -> tuple[Certificate, ...]:
    """Return the certificates whose files are all in place."""
    found = map(Certificate, domains)
    return tuple(
        each for each in found
        if all(Path(name).exists() for name in (each.chain, each.certificate, each.key))
    )  # fmt: skip


def _memory_mb() -> int:
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2**20


def _make_mail_home() -> None:
    """Make the folder all mail is in, which only the mail user may enter."""
    home = Path(MAIL_HOME)
    home.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(home, MAIL_USER, MAIL_USER)


def _compile_scripts() -> None:
    """Compile our sorting scripts, which Dovecot's own processes may not write."""
    target = Path(SIEVE_BINARIES)
    target.mkdir(mode=0o755, parents=True, exist_ok=True)
    for script in sorted(Path(SIEVE).glob('*.sieve')):
        binary = target / f'{script.stem}.svbin'
        if binary.exists() and binary.stat().st_mtime > script.stat().st_mtime:
            continue
        done = subprocess.run(
            ['sievec', str(script), str(binary)],
            capture_output=True, text=True, timeout=_SIEVE_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode:
            raise MailError('sieve-failed', 'A sorting script is faulty.', done.stderr.strip())
        binary.chmod(0o644)  # it is read by the mail user
