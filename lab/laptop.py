# SPDX-License-Identifier: AGPL-3.0-or-later
"""A person's computer with the mail programs of Debian: Thunderbird, mbsync, msmtp and others.

Nothing of this app runs there, and it knows no server: it asks the lab's DNS by systemd-resolved,
which follows a name into another zone as that DNS does not, and trusts what Debian trusts. Only
tests that need it start it.

    laptop.up()                        boot it; safe to repeat
    laptop.trust(certificate)          have it trust an authority of the lab
    laptop.run('mbsync', '--all')      run a program as the person
    laptop.down()                      forget it
"""

import json
import subprocess
from pathlib import Path

from . import base, container
from .host import step
from .settings import LAPTOP

USER = 'person'
HOME = f'/home/{USER}'
_AUTHORITY = '/usr/local/share/ca-certificates/lab.crt'
_POLICIES = '/etc/thunderbird/policies/policies.json'
"""Thunderbird has its own list of authorities; this is how an administrator adds one."""


def layers() -> list[Path]:
    """The base layers of the machine."""
    return [base.laptop() / 'root']


def up() -> None:
    """Boot the computer and make its person's account."""
    if container.leader(LAPTOP):
        return
    with step("A person's computer with mail programs"):
        hosts = f'127.0.0.1 localhost {LAPTOP.hostname}\n'
        container.boot(LAPTOP, layers(), {'/etc/hosts': hosts})
        container.execute(LAPTOP, ['useradd', '-m', '-s', '/bin/sh', USER], check=False)


def down() -> None:
    """End the computer and forget what was on it."""
    container.discard(LAPTOP)


def forget_names() -> None:
    """Have the computer ask the lab's DNS anew."""
    container.execute(LAPTOP, ['resolvectl', 'flush-caches'])


def trust(authority: str) -> None:
    """Have the computer trust the certificates of an authority."""
    policies = {'policies': {'Certificates': {'Install': [_AUTHORITY]}}}
    container.write(LAPTOP, {_AUTHORITY: authority, _POLICIES: json.dumps(policies)})
    container.execute(LAPTOP, ['update-ca-certificates'])


def run(
    *arguments: str, check: bool = True, stdin: str | bytes | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program as the person, at home."""
    line = ['env', f'--chdir={HOME}', f'HOME={HOME}', *arguments]
    return container.execute(LAPTOP, line, check=check, stdin=stdin, timeout=120, user=USER)


def put(name: str, text: str) -> None:
    """Write a file at home that only the person can read."""
    run('sh', '-c', 'umask 077; exec cat > "$1"', 'sh', name, stdin=text)
