# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deeds for which the directory has a moment: ends of addresses, changes of members.

NAME
    due - what freedombox-email-expire.service does, for the timer of `expiry`

DIAGNOSTICS
    A deed that fails is logged and does not keep the others back; it is done again within an hour.
"""

import logging
from collections.abc import Callable

from ..directory.store import Store
from ..directory.verbs.members import hand_over_due
from ..errors import MailError
from ..filtering import memories
from ..mailstore import rights
from . import endings_due, expiry

Deed = Callable[[Store], None]
logger = logging.getLogger(__name__)


def _hand_over(store: Store) -> None:
    for mailbox in hand_over_due(store):
        logger.info('The members of %s have changed as planned.', mailbox.address)


DEEDS: tuple[Deed, ...] = (
    expiry.switch_off, endings_due.end, _hand_over, rights.settle, endings_due.warn,
    memories.remove_orphans,
)  # fmt: skip


def do_all() -> None:
    """Do what is due, and see that the next deed is done in time."""
    rights.stand_by()
    with Store() as store:
        for deed in DEEDS:
            try:
                deed(store)
            except MailError as error:
                logger.warning('%s is not done: %s', deed.__name__, error.detailed)
        following = store.next_end()
    expiry.expect(following)
