# SPDX-License-Identifier: AGPL-3.0-or-later
"""A copy of the rules of a mailbox where mail apps see it: the script `FreedomBox`, not active.

The rules run from the files of root, whatever happens to the copy. It has a mark of its text: a
copy that another program changed has become a script of the owner's, and is left alone.

Where no script is active, Roundcube opens the first one there is, and puts new filters into it,
which would never run. So an empty script `own` is active beside the copy, for filters of mail apps.
"""

import hashlib
import logging
import os
import re

from ..errors import MailError
from ..mailstore import content
from ..system import nofollow, programs

NAME = 'FreedomBox'
OWN = 'own'
OWN_TEXT = '# Filters of mail apps. Those of the page Away are in the script FreedomBox.\n'
ACTIVE = '.dovecot.sieve'
"""The link to the active script, in the home of a mailbox."""
_MOST = 1024 * 1024
_SECONDS = 5.0
_HEAD = (
    '# A copy of the rules on the page Away. They work whether this script is active or not.\n'
    '# mark: {mark}\n'
)
_MARKED = re.compile(r'# mark: ([0-9a-f]{32})\r?\n')

logger = logging.getLogger(__name__)


def _mark(script: str) -> str:
    return hashlib.blake2b(script.replace('\r\n', '\n').encode(), digest_size=16).hexdigest()


def copy_of(script: str) -> str:
    """The copy of a script."""
    return f'{_HEAD.format(mark=_mark(script))}{script}'


def is_ours(text: str) -> bool:
    """Whether a script is a copy no one has changed."""
    found = _MARKED.search(text)
    return found is not None and found[1] == _mark(text[found.end() :])


def present(address: str, name: str = NAME) -> str | None:
    """The script of a name in a mailbox."""
    path = content.folder_of(address) / 'sieve' / f'{name}.sieve'
    try:
        return nofollow.read(path, _MOST).decode(errors='replace')
    except (OSError, MailError):
        return None


def follow(address: str, script: str) -> None:
    """Make the copy of a mailbox's rules as they are; Dovecot writes it, as its user."""
    now, wanted = present(address), copy_of(script) if script else None
    if now == wanted or (now is not None and not is_ours(now)):
        return
    if wanted is None:
        _doveadm(address, 'delete', '-u', address, NAME)
        return
    _doveadm(address, 'put', '-u', address, NAME, stdin=wanted)
    if not has_active(address) and present(address, OWN) in (None, OWN_TEXT):
        _doveadm(address, 'put', '-a', '-u', address, OWN, stdin=OWN_TEXT)


def has_active(address: str) -> bool:
    """Whether a script of the owner's is active."""
    try:
        with nofollow.folder(content.folder_of(address)) as handle:
            os.stat(ACTIVE, dir_fd=handle, follow_symlinks=False)
    except (OSError, MailError):
        return False
    return True


def _doveadm(address: str, *words: str, stdin: str = '') -> None:
    """Change a script of a mailbox, as its owner could; what fails is logged."""
    try:
        ran = programs.run(['doveadm', 'sieve', *words], stdin=stdin, seconds=_SECONDS)
    except MailError as error:
        logger.warning('No copy of the rules of %s: %s', address, error.detail)
        return
    if ran.code:
        logger.warning('No copy of the rules of %s: %s', address, ran.words)
