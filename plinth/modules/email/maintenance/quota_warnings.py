# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages to owners of mailboxes that are nearly full, once for each level.

The service that knows of quotas leaves a note when a level changes (`mailstore/quota_service.py`);
then, and with each daily run, all mailboxes are compared with the levels their owners were told
of. A level is told again only after the mailbox fell below it. The message goes into the mailbox
itself, also when that is full: Dovecot saves it without looking at the quota.

DIAGNOSTICS
    A message that could not be saved is logged, and tried again the next time.
"""

import json
import logging
import os
from contextlib import suppress
from pathlib import Path

from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..mailstore import fullness, quota_service
from ..mailstore.fullness import Quotas
from ..mailstore.usage import Usages
from ..sending import box_notice
from ..system import files, nofollow, programs
from ..words import quota as words
from .reader_language import language_of, translated

TOLD = Path('/var/lib/freedombox-email/quota-told.json')
LOCK = Path('/run/freedombox-email-quota-told.lock')
_SECONDS = 20.0

logger = logging.getLogger(__name__)


def _take_notes() -> None:
    """Remove the notes of the service."""
    folder = quota_service.FOLDER / quota_service.TELL
    with suppress(FileNotFoundError), nofollow.folder(folder) as handle:
        for name in os.listdir(handle):  # noqa: PTH208 - by descriptor
            with suppress(OSError):
                os.unlink(name, dir_fd=handle)


def _told(path: Path) -> dict[str, int]:
    """The levels that owners were told of."""
    try:
        found = json.loads(path.read_text(encoding='utf-8'))
        return {str(address): int(level) for address, level in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _megabytes(size: int) -> str:
    return f'{size / 10**6:.1f} MB'


def _tell(mailbox: Mailbox, quotas: Quotas, used: int, level: int) -> bool:
    """Put the message into a mailbox; whether it is there."""
    language = language_of(mailbox.owner)
    quota = quotas.of(mailbox.address)
    values = {'address': mailbox.address, 'used': _megabytes(used), 'quota': str(quota),
              'percent': level}  # fmt: skip
    subject, text = (translated(each, language).format(**values)
                     for each in (words.NEARLY_FULL_SUBJECT, words.NEARLY_FULL))  # fmt: skip
    message = box_notice.compose(mailbox.address, mailbox.domain, subject, text)
    command = ['doveadm', '-o', 'quota_enforce=no', 'save', '-u', mailbox.address, '-m', 'INBOX']
    try:
        ran = programs.run(command, stdin=message.as_bytes(), seconds=_SECONDS)
    except MailError as error:
        logger.warning('%s was not told that it is nearly full: %s', mailbox.address, error.detail)
        return False
    if ran.code:
        logger.warning('%s was not told that it is nearly full: %s', mailbox.address, ran.words)
    return not ran.code


def _news(levels: dict[str, int], told: dict[str, int]) -> list[str]:
    """The mailboxes that reached a level their owner was not told of."""
    return [address for address, level in levels.items() if level > told.get(address, 0)]


def tell_all(path: Path = TOLD) -> None:
    """Tell the owners of mailboxes that reached a higher level, and remember levels."""
    with files.locked(LOCK, 10 * _SECONDS):
        _take_notes()
        _tell_all(path)


def _tell_all(path: Path) -> None:
    usages, told = Usages().look(), _told(path)
    with Store() as store:
        quotas = fullness.quotas(store)
        levels = fullness.levels(quotas, usages)
        mailboxes = store.find_many(Mailbox, _news(levels, told))
    for address in _news(levels, told):
        mailbox = mailboxes.get(address)
        if mailbox is None or not mailbox.enabled:
            del levels[address]
        elif not _tell(mailbox, quotas, usages[address], levels[address]):
            levels[address] = told.get(address, 0)
    if levels != told:
        files.put(path, json.dumps(levels).encode(), 0o600)
