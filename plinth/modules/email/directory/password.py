# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords of mailboxes that belong to no FreedomBox user.

Hashed by OpenLDAP's own tool with Argon2id, so slapd is sure to know the form when
a user logs in. A password reaches the tool by its standard input only.
"""

import difflib
import re

from ..errors import MailError
from ..system import programs

SHORTEST = 8
LONGEST = 256
_LIKE = 0.75
_COMMAND = ('slappasswd', '-n', '-o', 'module-load=argon2', '-h', '{ARGON2}', '-T', '/dev/stdin')


def _letters(text: str) -> str:
    """Letters of a text, without the digits and signs people put around a word."""
    return ''.join(sign for sign in text.casefold() if sign.isalpha())


def is_like(password: str, address: str) -> bool:
    """Whether a password is an address, or a part of one, with little around it."""
    local, _at, domain = address.casefold().partition('@')
    parts = {local, domain, address.casefold(), *re.split(r'[\W_]+', address.casefold())}
    words = {_letters(part) for part in parts if len(part) > 2} - {''}
    bare = _letters(password)
    if any(bare == word * times for word in words for times in (1, 2, 3)):
        return True
    typed = password.casefold()
    return any(
        difflib.SequenceMatcher(a=typed, b=part).ratio() >= _LIKE for part in parts if len(part) > 2
    )


def check_password(password: str, address: str = '') -> None:
    """Refuse a password that is too weak to keep or that no mail program could send."""
    if len(password) < SHORTEST:
        raise MailError('password-invalid.too-short', least=SHORTEST)
    if len(password) > LONGEST:
        raise MailError('password-invalid.too-long', most=LONGEST)
    if any(ord(character) < 32 or ord(character) == 127 for character in password):
        raise MailError('password-invalid.control')
    if not password.isprintable():
        raise MailError('password-invalid.invisible')
    if is_like(password, address):
        raise MailError('password-invalid.like-address')


def hash_password(password: str, address: str = '') -> str:
    """Hash the directory keeps instead of a password; the work comes after all checks."""
    check_password(password, address)
    with programs.failing_as('password-failed'):
        ran = programs.run(_COMMAND, stdin=password, seconds=30)
    if ran.code:
        raise MailError('password-failed', ran.words)
    return ran.output.strip()
