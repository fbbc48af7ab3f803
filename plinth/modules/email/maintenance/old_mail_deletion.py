# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deletes mail that has been in Trash, Junk and quarantine for long, and deleted mail for good.

NAME
    old_mail_deletion - a daily run, also for people who never log in

DESCRIPTION
    Days count from the moment a message came into its folder. What is deleted from Trash and Junk
    can be restored like all deleted mail, for `UNDELETE_DAYS`; after these it is gone. Mailboxes
    that are off are left alone. Mailboxes with the same days are dealt with by one program. The
    run also has Dovecot's notes on usage complete: of mailboxes nothing has changed in since, and
    none of mailboxes that are gone, which would count for their domain.

DIAGNOSTICS
    What Dovecot cannot do for a mailbox is logged, and tried again the next day.
"""

import logging
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ..config.folders import QUARANTINE, names_of
from ..config.mailbox_room import DELETED_FOLDER
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.old_mail import FOLDERS, QUARANTINE_DAYS, UNDELETE_DAYS, effective_days
from ..directory.store import Store
from ..errors import MailError
from ..mailstore import content, usage
from ..system import programs
from . import quota_warnings

_SECONDS = 6 * 3600.0
_FINE = (0, 67, 68)
"""Exit codes of doveadm: done, a mailbox is gone meanwhile, there is no such folder."""

logger = logging.getLogger(__name__)


def _query(folders: Iterable[str]) -> list[str]:
    """The search for messages in any of some folders."""
    words = [word for name in folders for word in ('OR', 'mailbox', name)]
    return ['(', *words[1:], ')']


def _expunge(addresses: Iterable[str], folders: Iterable[str], before: datetime) -> None:
    """Have Dovecot expunge what came into folders before a moment."""
    query = [*_query(folders), 'savedbefore', str(int(before.timestamp()))]
    try:
        with tempfile.NamedTemporaryFile('w') as names:  # doveadm reads it more than once
            names.write(''.join(f'{address}\n' for address in addresses))
            names.flush()
            ran = programs.run(['doveadm', 'expunge', '-F', names.name, *query], seconds=_SECONDS)
    except MailError as error:
        logger.warning('Old mail was not deleted: %s', error.detail)
        return
    if ran.code not in _FINE:
        logger.warning('Old mail was not deleted: %s', ran.words)


def _groups(
    field: str, mailboxes: Iterable[Mailbox], domains: dict[str, Domain]
) -> dict[int, list[str]]:
    """Addresses by the days that hold for a folder; those that keep mail are left out."""
    groups: dict[int, list[str]] = defaultdict(list)
    for mailbox in mailboxes:
        if days := effective_days(field, mailbox, domains.get(mailbox.domain)):
            groups[days].append(mailbox.address)
    return groups


def delete_old(now: datetime | None = None) -> None:
    """Delete what is old at a moment."""
    moment = now or datetime.now(UTC)
    with Store() as store:
        present = store.search(Mailbox)
        domains = {domain.name: domain for domain in store.search(Domain)}
    mailboxes = [mailbox for mailbox in present if mailbox.enabled]
    for field, folder in FOLDERS.items():
        for days, addresses in _groups(field, mailboxes, domains).items():
            _expunge(addresses, names_of(folder), moment - timedelta(days=days))
    if mailboxes:
        everyone = [mailbox.address for mailbox in mailboxes]
        _expunge(everyone, [QUARANTINE], moment - timedelta(days=QUARANTINE_DAYS))
        _expunge(everyone, [DELETED_FOLDER], moment - timedelta(days=UNDELETE_DAYS))
    settle_usage(present)


def settle_usage(mailboxes: Iterable[Mailbox]) -> None:
    """Note what mailboxes hold that Dovecot has not noted yet, and forget those that are gone."""
    found = {mailbox.address: mailbox for mailbox in mailboxes}
    known = usage.Usages().look()
    for address in known.keys() - found.keys():
        usage.forget(address)
    for mailbox in found.values():
        if mailbox.enabled and mailbox.address not in known:
            try:
                usage.note(mailbox.address, content.of(mailbox).bytes)
            except (MailError, OSError) as error:
                logger.warning('The usage of %s is unknown: %s', mailbox.address, error)


def main() -> None:
    """Do the daily run."""
    delete_old()
    quota_warnings.tell_all()
