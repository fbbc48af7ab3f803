# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages to a user and to the administrator when mail of a mailbox begins to be held.

The policy service asks for them once a day at most, or again after a decision. It asks before the
message is on hold: the filter may still refuse that, and then there is nothing to tell.
"""

import logging
import time

from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..words import misuse as words
from . import box_notice, held_notes, holds
from .held_notes import DROPPED
from .holds import HeldMail

logger = logging.getLogger(__name__)
SECONDS = 60.0
"""How long the filter may look at a message until it is on hold."""
_LOOK_AGAIN = 0.5


def _held(login: str) -> HeldMail | None:
    """The mail of a mailbox on hold, None when there is none."""
    try:
        return next((each for each in holds.look() if each.login == login), None)
    except OSError as error:
        logger.warning('The queue cannot be read: %s', error)
        return None


def _wait(login: str) -> HeldMail | None:
    """The mail of a mailbox on hold, once it is there."""
    end = time.monotonic() + SECONDS
    while (found := _held(login)) is None and time.monotonic() < end:
        time.sleep(_LOOK_AGAIN)
    return found


def limit_in_words(held: HeldMail) -> str:
    """The limits that were reached, in English."""
    texts = []
    for limit, most in sorted(held.limits.items()):
        one, more = words.LIMITS[limit]
        texts.append((one if most == 1 else more).format(count=most))
    return ', '.join(texts)


def _tell(login: str, held: HeldMail, primary: str) -> None:
    """Send both messages; one that cannot be sent does not keep the other back."""
    values = {'address': login, 'limit': limit_in_words(held)}
    domain = login.rpartition('@')[2]
    for to, whose, subject, text in (
        (login, domain, words.HELD_SUBJECT, words.HELD),
        (f'postmaster@{primary}', primary, words.HELD_ADMIN_SUBJECT, words.HELD_ADMIN),
    ):
        try:
            box_notice.tell(to, whose, subject.format(**values), text.format(**values))
        except MailError as error:
            logger.warning('%s was not told of held mail: %s', to, error.detail)


def _note_ids(login: str) -> list[str]:
    return [note.id for note in held_notes.held().values() if note.login == login]


def tell_all() -> None:
    """Tell of all mailboxes whose mail began to be held."""
    for login in held_notes.take_logins():
        with Store() as store:
            primary = store.settings().primary_domain or login.rpartition('@')[2]
            known = store.find(Mailbox, login)
        found = _wait(login) if known else None
        if found:
            _tell(login, found, primary)
        else:
            held_notes.move(_note_ids(login), DROPPED)
