# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords of mailboxes that belong to no FreedomBox user.

Hashed by OpenLDAP's own tool with Argon2id, so slapd is sure to know the form when
somebody logs in. A password reaches the tool by its standard input only.
"""

import subprocess

from ..errors import MailError

SHORTEST = 8
LONGEST = 256
_COMMAND = ('slappasswd', '-n', '-o', 'module-load=argon2', '-h', '{ARGON2}', '-T', '/dev/stdin')


def check_password(password: str) -> None:
    """Refuse a password that is too weak to keep or that no mail program could send."""
    if len(password) < SHORTEST:
        raise MailError('password-invalid', f'A password needs at least {SHORTEST} characters.')
    if len(password) > LONGEST:
        raise MailError('password-invalid', f'A password has at most {LONGEST} characters.')
    if any(ord(character) < 32 or ord(character) == 127 for character in password):
        raise MailError('password-invalid', 'A password cannot have control characters.')
    if not password.isprintable():
        raise MailError('password-invalid', 'A password cannot have invisible characters.')


def hash_password(password: str) -> str:
    """Return what the directory keeps instead of a password."""
    check_password(password)
    try:
        result = subprocess.run(
            _COMMAND, input=password.encode(), capture_output=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MailError(
            'password-failed', 'The password could not be hashed. Is slapd installed?', str(error)
        ) from error
    return result.stdout.decode().strip()
