# SPDX-License-Identifier: AGPL-3.0-or-later
"""Acts of an owner on the rules of their mailbox; any other mailbox does not exist for them.

DIAGNOSTICS
    mailbox-missing   there is none, or it is not theirs
    guard-denied      the mailbox is guarded, and its user may not change its rules or forward
    And the errors of `mail_rules` and of the values themselves.
"""

from ..mail_filter import Filters
from ..mailbox import Mailbox
from ..person import Owner
from ..store import Store, storing
from ..vacation import Vacation
from . import guards, mail_rules
from .own import get_mailbox


def _open_to(store: Store, owner: Owner, text: str) -> Mailbox:
    """The mailbox of an owner who may change its rules: the one place for a check of that."""
    mailbox = get_mailbox(store, owner, text)
    guards.check_may(mailbox, 'filters')
    return mailbox


@storing
def choose_own_vacation(
    store: Store, owner: Owner, text: str, vacation: Vacation | None, version: str = ''
) -> Mailbox:
    """Choose the automatic reply of an owner's mailbox."""
    mailbox = _open_to(store, owner, text)
    return mail_rules.choose_vacation(store, mailbox.address, vacation, version)


@storing
def choose_own_filters(
    store: Store, owner: Owner, text: str, filters: Filters, version: str = ''
) -> Mailbox:
    """Choose the filters of an owner's mailbox."""
    mailbox = _open_to(store, owner, text)
    if any(each.forward for each in filters):
        guards.check_may(mailbox, 'forwards')
    return mail_rules.choose_filters(store, mailbox.address, filters, version)


@storing
def choose_own_label_folders(
    store: Store, owner: Owner, text: str, enabled: bool, version: str = ''
) -> Mailbox:
    """Choose whether mail with a label goes to the folder of that name, in an owner's mailbox."""
    mailbox = _open_to(store, owner, text)
    return mail_rules.choose_label_folders(store, mailbox.address, enabled, version)
