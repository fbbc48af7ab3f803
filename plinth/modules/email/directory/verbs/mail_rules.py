# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for the rules of a mailbox: automatic reply, filters, folders for labels.

The Sieve scripts follow by themselves (`rules.placement`).

DIAGNOSTICS
    forward-denied   a filter forwards to another server, and mail of the mailbox may not leave
    entry-changed    another person changed the mailbox since it was looked at
"""

import dataclasses

from ...errors import MailError
from ..acts import act
from ..common_filters import PLACES, CommonFilters
from ..mail_filter import Filters, check_filters, filters_text
from ..mailbox import Mailbox
from ..store import Store, storing
from ..vacation import Vacation
from ..view import DirectoryView, StoreView
from .aliases import check_version
from .forward_rules import is_outside, may_leave


def check_forwarding(view: DirectoryView, mailbox: Mailbox, filters: Filters) -> None:
    """Refuse filters that forward to other servers where mail of the mailbox may not leave."""
    if may_leave(view, mailbox):
        return
    for each in filters:
        if each.forward and is_outside(view, each.forward):
            raise MailError('forward-denied', address=mailbox.address, destination=each.forward)


@storing
def choose_vacation(
    store: Store, text: str, vacation: Vacation | None, version: str = ''
) -> Mailbox:
    """Choose the automatic reply of a mailbox; None removes it."""
    present = store.get(Mailbox, text)
    check_version(present, version)
    after = dataclasses.replace(present, away=str(vacation) if vacation else '')
    store.change(present, after)
    return after


@storing
def choose_filters(store: Store, text: str, filters: Filters, version: str = '') -> Mailbox:
    """Choose the filters of a mailbox, in their order."""
    present = store.get(Mailbox, text)
    check_version(present, version)
    check_filters(filters)
    check_forwarding(StoreView(store), present, filters)
    after = dataclasses.replace(present, sorting=filters_text(filters))
    store.change(present, after)
    return after


@storing
def choose_label_folders(store: Store, text: str, enabled: bool, version: str = '') -> Mailbox:
    """Choose whether mail to an address with a label goes to the folder of that name."""
    present = store.get(Mailbox, text)
    check_version(present, version)
    after = dataclasses.replace(present, label_folders=enabled or None)
    store.change(present, after)
    return after


@act
def choose_common_filters(
    store: Store, place: str, filters: Filters, version: str = ''
) -> CommonFilters:
    """Choose the filters of all mailboxes, before or after those of each."""
    settings = store.settings()
    found = [each for each in PLACES if each == place]
    if not found:
        raise MailError('choice-invalid.place')
    if version and version != settings.common_filters.version:
        raise MailError('entry-changed.house')
    rules = settings.common_filters.changed(found[0], filters)
    store.change_settings(settings, dataclasses.replace(settings, house=str(rules)))
    return rules
