# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for lists of senders, the score for junk, and senders that are let in.

For one mailbox, or for all. Another person's mailbox does not exist for a user.

DIAGNOSTICS
    mailbox-missing   there is none, or it is not theirs
    guard-denied      the mailbox is guarded, and its user may not change its rules
    entry-changed     another person changed it since it was looked at
    And the errors of `sender_lists`.
"""

import dataclasses
from collections.abc import Callable

from ...errors import MailError
from ..acts import act
from ..mailbox import Mailbox
from ..person import Owner
from ..sender_lists import SenderLists, with_let_in
from ..store import Store, storing
from . import guards
from .aliases import check_version
from .own import get_mailbox

Change = Callable[[SenderLists], SenderLists]


@storing
def change_lists(store: Store, text: str, change: Change, version: str = '') -> Mailbox:
    """Change the lists and the score of a mailbox."""
    present = store.get(Mailbox, text)
    check_version(present, version)
    lists = change(SenderLists.of(present))
    after = dataclasses.replace(
        present, allowed=lists.allowed, denied=lists.denied, junk_score=lists.junk_score
    )
    store.change(present, after)
    return after


@act
def change_common_lists(store: Store, change: Change, seen: str = '') -> SenderLists:
    """Change the lists and the score for all, if they still have the mark that was seen."""
    settings = store.settings()
    present = SenderLists.of(settings)
    if seen and seen != present.mark:
        raise MailError('entry-changed.house')
    lists = change(present)
    after = dataclasses.replace(
        settings, allowed=lists.allowed, denied=lists.denied, junk_score=lists.junk_score
    )
    store.change_settings(settings, after)
    return lists


def change_own_lists(
    store: Store, owner: Owner, text: str, change: Change, version: str = ''
) -> Mailbox:
    """Change the lists and the score of an owner's mailbox."""
    with store.exclusive():
        mailbox = get_mailbox(store, owner, text)
        guards.check_may(mailbox, 'filters')
        return change_lists(store, mailbox.address, change, version)


@act
def choose_greylisting(store: Store, enabled: bool) -> None:
    """Choose whether suspicious mail of unknown senders has to come again."""
    settings = store.settings()
    wanted = dataclasses.replace(settings, greylisting='' if enabled else 'FALSE')
    store.change_settings(settings, wanted)


@storing
def let_in(store: Store, text: str, sender: str) -> Mailbox:
    """Hold a sender off no longer for some days."""
    present = store.get(Mailbox, text)
    after = dataclasses.replace(present, let_in=with_let_in(present.let_in, sender))
    store.change(present, after)
    return after


def let_in_own(store: Store, owner: Owner, text: str, sender: str) -> Mailbox:
    """Hold a sender off no longer from an owner's mailbox."""
    with store.exclusive():
        mailbox = get_mailbox(store, owner, text)
        guards.check_may(mailbox, 'filters')
        return let_in(store, mailbox.address, sender)
