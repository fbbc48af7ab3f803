# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs that choose where possible spam goes.

The Sieve scripts follow by themselves (`rules.placement`).

DIAGNOSTICS
    mailbox-missing      there is none, or it is not theirs
    quarantine-invalid   another word than `on`, `off` or ''
    entry-changed        another person changed the mailbox since it was looked at
"""

import dataclasses

from ...errors import MailError
from ..acts import act
from ..mailbox import Mailbox
from ..person import Owner
from ..quarantine_choice import check_quarantine
from ..store import Store, storing
from . import own
from .aliases import check_version


@storing
def choose_quarantine(store: Store, text: str, choice: str, version: str = '') -> Mailbox:
    """Choose where possible spam for a mailbox goes; '' leaves it to the box."""
    present = store.get(Mailbox, text)
    check_version(present, version)
    after = dataclasses.replace(present, quarantine=choice)
    store.change(present, after)
    return after


@storing
def choose_own_quarantine(
    store: Store, owner: Owner, text: str, choice: str, version: str = ''
) -> Mailbox:
    """Choose where possible spam for an owner's mailbox goes."""
    mailbox = own.get_mailbox(store, owner, text)
    return choose_quarantine(store, mailbox.address, choice, version)


@act
def choose_usual_quarantine(store: Store, choice: str) -> None:
    """Choose where possible spam goes for mailboxes without a choice of their own."""
    check_quarantine(choice)
    if not choice:
        raise MailError('quarantine-invalid')
    settings = store.settings()
    store.change_settings(settings, dataclasses.replace(settings, quarantine=choice))
