# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for members of a shared mailbox.

An administrator chooses members and their rights; a member may leave. What follows from a change
(the rights Dovecot knows, sessions that end) is done after it, whichever verb made it: see
`acts.followers`.

DIAGNOSTICS
    mailbox-missing   there is no such mailbox, or, for a member who leaves, they are none of it
    share-invalid     the mailbox cannot have members
    member-invalid    an identity, a right, or a right of one who is no member
    member-missing    a person or mailbox that was to be a member is not there
    entry-changed     another person changed it since it was looked at
"""

import dataclasses
from collections.abc import Collection, Iterable

from ...errors import MailError
from ..entry_errors import missing
from ..mailbox import Mailbox
from ..member import Member, fields, parse_members
from ..person import Owner, Person
from ..store import Store, storing
from .aliases import check_version


def id_of(owner: Owner) -> str:
    """The identity by which an owner is a member."""
    return owner.id if isinstance(owner, Person) else owner.address


def with_members(mailbox: Mailbox, members: Iterable[Member]) -> Mailbox:
    """A mailbox with these members."""
    ids, writers, senders = fields(members)
    return dataclasses.replace(mailbox, members=ids, writers=writers, senders=senders)


def check_known(store: Store, mailbox: Mailbox, ids: Iterable[str]) -> None:
    """Refuse members who are neither users nor stand-alone mailboxes, or the mailbox itself."""
    users = {user.id for user in store.users()}
    for id_ in ids:
        other = None if '@' not in id_ else store.find(Mailbox, id_)
        if id_ not in users and (other is None or not other.stands_alone):
            raise MailError('member-missing', member=id_)
        if id_ == mailbox.address:
            raise MailError('member-invalid.itself', address=id_)


@storing
def set_members(store: Store, text: str, members: Collection[str], version: str = '') -> Mailbox:
    """Let a mailbox have exactly these members, each as `Member` writes it."""
    present, wanted = store.get(Mailbox, text), parse_members(members)
    check_version(present, version)
    check_known(store, present, {member.id for member in wanted} - {*present.members})
    after = with_members(present, wanted)
    store.change(present, after)
    return after


@storing
def leave(store: Store, owner: Owner, text: str) -> Mailbox:
    """Take a member out of a shared mailbox, as they wish."""
    present, id_ = store.get(Mailbox, text), id_of(owner)
    if id_ not in present.members:
        raise missing(Mailbox, present.address)
    after = with_members(present, [each for each in present.member_rights if each.id != id_])
    store.change(present, after)
    return after


def shared_with(store: Store, owner: Owner) -> tuple[Mailbox, ...]:
    """The mailboxes that are shared with an owner."""
    return store.search(Mailbox, where={'members': id_of(owner)})


def forget(store: Store, address: str) -> None:
    """Take a stand-alone mailbox out of all that are shared with it, before its address is free."""
    for mailbox in store.search(Mailbox, where={'members': address}):
        left = [each for each in mailbox.member_rights if each.id != address]
        store.change(mailbox, with_members(mailbox, left))
