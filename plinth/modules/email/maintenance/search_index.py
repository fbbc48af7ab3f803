# SPDX-License-Identifier: AGPL-3.0-or-later
"""The search index of all mailboxes, which follows Dovecot's settings about words.

Dovecot does not notice that an index was made with other settings (seen with flatcurve, 2.4.1:
neither `doveadm index` nor `doveadm fts rescan` makes it anew), and then does not find what it
would find in new mail. So an index made with others is removed; it is made anew by the next search,
or by the run that follows.
"""

import hashlib
import re

from ..errors import MailError
from ..system import files, programs
from ..transaction import sandbox
from ..transaction.daemons import DOVECONF

DOVEADM = '/usr/bin/doveadm'
PATH = '/var/lib/freedombox-email/search-index'
_SETTINGS = re.compile(r'^(?:language|fts)\w*[^\n{]*(?:\{.*?^\})?', re.MULTILINE | re.DOTALL)


REMOVE_SECONDS = 600.0


def mark(settings: str) -> bytes:
    """A hash of the settings about words in the output of `doveconf -n`."""
    return hashlib.sha256('\n'.join(_SETTINGS.findall(settings)).encode()).hexdigest().encode()


def follow() -> bool:
    """Remove an index made with other settings; whether that was done."""
    ran = sandbox.run((DOVECONF, '-n'))
    if ran.code:
        raise MailError('dovecot-unreadable', ran.errors)
    now = mark(ran.output)
    if files.read(PATH).content == now:
        return False
    remove = [DOVEADM, 'fts', 'flatcurve', 'remove', '-A', '*']
    programs.must(remove, 'index-failed', seconds=REMOVE_SECONDS)
    files.write(PATH, files.File('file', now, 0o600))
    return True
