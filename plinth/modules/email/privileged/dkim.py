# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signature keys of mail domains (DKIM, RFC 6376).

A domain's private key is `/var/lib/rspamd/dkim/DOMAIN.SELECTOR.key`, readable by Rspamd
alone. Path and selector are those of FreedomBox's built-in app, so a box that changes over
goes on signing with the keys whose records are published already.

DIAGNOSTICS
    key-failed   the key could not be made or read; the detail holds rspamadm's words
"""

import os
import shutil
import subprocess
from pathlib import Path

from freedombox.actions import privileged

from ..config.facts import check_name
from ..config.rspamd import KEYS, SELECTOR
from ..errors import MailError

BITS = 2048
OWNER = '_rspamd'
_SECONDS = 60


def key_path(domain: str, selector: str = SELECTOR) -> Path:
    """Return where the private key of a domain is kept."""
    check_name(domain)
    return Path(KEYS) / f'{domain}.{selector}.key'


def ensure_key(domain: str) -> bool:
    """Make a key for a domain that has none; return whether one was made."""
    final = key_path(domain)
    if final.exists():
        return False
    _make_folder(final.parent)
    unfinished = final.with_suffix('.new')
    unfinished.unlink(missing_ok=True)
    _run(['rspamadm', 'dkim_keygen', '-t', 'rsa', '-b', str(BITS), '-s', SELECTOR,
          '-d', domain, '-k', str(unfinished)])  # fmt: skip
    shutil.chown(unfinished, OWNER, OWNER)
    unfinished.chmod(0o400)
    _sync(unfinished)
    unfinished.rename(final)
    _sync(final.parent)
    return True


def public_key(domain: str) -> str:
    """Return the public key of a domain in base64, '' when it has no key yet."""
    path = key_path(domain)
    if not path.exists():
        return ''
    pem = _run(['openssl', 'pkey', '-in', str(path), '-pubout', '-outform', 'PEM'])
    return ''.join(line for line in pem.splitlines() if not line.startswith('-'))


@privileged
def dkim_public(domain: str) -> str:
    """Return the public key of a domain in base64, '' when it has no key yet."""
    return public_key(domain)


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o500, parents=True, exist_ok=True)
    folder.chmod(0o500)
    shutil.chown(folder, OWNER, OWNER)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _run(command: list[str]) -> str:
    """Run a program that must succeed and return what it printed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MailError('key-failed', 'The signature key could not be made.', str(error)) from error
    if done.returncode:
        raise MailError('key-failed', 'The signature key could not be made.', done.stderr.strip())
    return done.stdout
