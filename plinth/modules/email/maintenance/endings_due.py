# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ends of mailboxes that have come, and warnings before the ends of mailboxes and aliases.

A warning goes to the people who lose the address, and to the postmaster: to the mailbox itself, or
to the owner or the mailboxes of an alias. Each is sent once; one that Postfix does not take is
logged.
"""

import logging

from ..authentication import sessions
from ..directory.alias import Alias
from ..directory.entry import last_day
from ..directory.mailbox import Mailbox
from ..directory.resolve import resolve
from ..directory.store import Store
from ..directory.verbs.endings import Ending, end_mailboxes, warn_due
from ..directory.view import StoreView
from ..errors import MailError
from ..sending import box_notice
from ..words import ending as words

logger = logging.getLogger(__name__)


def end(store: Store) -> None:
    """Switch off mailboxes whose end has come, and end their sessions."""
    for mailbox in end_mailboxes(store, words.ENDED):
        sessions.end(mailbox.address)
        logger.info('The mailbox %s has ended and is off.', mailbox.address)


def warn(store: Store) -> None:
    """Send the warnings that are due."""
    for entry, _days in warn_due(store):
        _tell(store, entry)


def _tell(store: Store, entry: Ending) -> None:
    domain = store.settings().primary_domain or entry.domain
    text = words.WARNING_ALIAS if isinstance(entry, Alias) else words.WARNING_MAILBOX
    day = f'{last_day(entry.expires):%Y-%m-%d}' if entry.expires else ''
    subject = words.SUBJECT.format(address=entry.address, day=day)
    for address in sorted({*_concerned(store, entry), f'postmaster@{domain}'}):
        try:
            box_notice.tell(address, domain, subject, text.format(address=entry.address, day=day))
        except MailError as error:
            logger.warning('%s is not warned of an end: %s', address, error.detailed)


def _concerned(store: Store, entry: Ending) -> tuple[str, ...]:
    """The mailboxes of the people who lose an address."""
    if isinstance(entry, Mailbox):
        return (entry.address,)
    owned = store.search(Mailbox, where={'owner_id': entry.owner_id}) if entry.owner_id else ()
    own = tuple(mailbox.address for mailbox in owned if mailbox.enabled)[:1]
    if own or entry.is_pattern:
        return own
    return resolve(StoreView(store), entry.address).mailboxes
