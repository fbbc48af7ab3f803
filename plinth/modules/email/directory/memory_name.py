# SPDX-License-Identifier: AGPL-3.0-or-later
"""The name of what the spam filter learned for a mailbox.

Addresses are given out again and mailboxes get other owners, so what was learned is kept under a
random name of 32 hexadecimal digits. To forget is to take another name.

DIAGNOSTICS
    memory-invalid  the name is another kind of text
"""

import re
import secrets

from ..errors import MailError

_NAME = re.compile(r'[0-9a-f]{32}')


def new_memory() -> str:
    """A name that no memory has."""
    return secrets.token_hex(16)


def is_memory(text: str) -> bool:
    """Whether it is the form of a name."""
    return bool(_NAME.fullmatch(text))


def check_memory(text: str) -> None:
    """Refuse a name of another form; a mailbox may have none yet."""
    if text and not is_memory(text):
        raise MailError('memory-invalid')
