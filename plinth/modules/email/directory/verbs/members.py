# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for members of a shared mailbox.

An administrator chooses members and their rights; a member may leave. What follows from a change
(the rights Dovecot knows, sessions that end) is done after it, whichever verb made it: see
`acts.followers`.

DIAGNOSTICS
    mailbox-missing   there is no such mailbox, or, for a member who leaves, they are none of it
    share-invalid     the mailbox cannot have members
    member-invalid    an identity, a right, or a right of one who is no member
    handover-invalid  a hand-over on a day that is past, or without a change
    member-missing    a person or mailbox that was to be a member is not there
    entry-changed     another person changed it since it was looked at
"""

import dataclasses
import logging
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from ...errors import MailError
from ..acts import act
from ..entry import now
from ..entry_errors import missing
from ..mailbox import Mailbox
from ..member import Member, fields, parse_members
from ..person import Owner, Person
from ..store import Store, storing
from .aliases import check_version

logger = logging.getLogger(__name__)


def id_of(owner: Owner) -> str:
    """The identity by which an owner is a member."""
    return owner.id if isinstance(owner, Person) else owner.address


def with_members(mailbox: Mailbox, members: Iterable[Member]) -> Mailbox:
    """A mailbox with these members."""
    ids, writers, senders = fields(members)
    return dataclasses.replace(mailbox, members=ids, writers=writers, senders=senders)


def check_known(store: Store, mailbox: Mailbox, ids: Collection[str]) -> None:
    """Refuse members who are neither users nor stand-alone mailboxes, or guarded by the mailbox."""
    users = {user.id for user in store.users()}
    for id_ in ids:
        other = None if '@' not in id_ else store.find(Mailbox, id_)
        if id_ not in users and (other is None or not other.stands_alone):
            raise MailError('member-missing', member=id_)
        if id_ == mailbox.address:
            raise MailError('member-invalid.itself', address=id_)
    _check_not_guarded(store, mailbox, ids)


def _check_not_guarded(store: Store, mailbox: Mailbox, ids: Collection[str]) -> None:
    """Refuse members this mailbox guards: they would read the links by which it approves."""
    for each in store.search(Mailbox, where={'guardians': mailbox.address}):
        if each.holder in ids:
            raise MailError('member-invalid.guarded', address=mailbox.address, member=each.address)


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
    left = [each for each in present.member_rights if each.id != id_]
    after = _without(with_members(present, left), id_)
    store.change(present, after)
    return after


def parse_day(text: str) -> datetime | None:
    """The moment that is meant by ISO 8601 text: a date is its beginning, in local time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip()).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise MailError('time-invalid') from error
    if moment.astimezone().date() < datetime.now().astimezone().date():
        raise MailError('handover-invalid.past')
    return moment


def _handed_over(mailbox: Mailbox) -> Mailbox:
    """A mailbox after its members have changed as planned."""
    joining = {member.id: member for member in parse_members(mailbox.joining)}
    stay = [each for each in mailbox.member_rights
            if each.id not in mailbox.leaving and each.id not in joining]  # fmt: skip
    changed = with_members(mailbox, [*stay, *joining.values()])
    return dataclasses.replace(changed, handover=None, leaving=(), joining=())


@storing
def plan_handover(
    store: Store,
    text: str,
    day: str,
    leaving: Collection[str],
    joining: Collection[str],
    version: str = '',
) -> Mailbox:
    """Plan that members change on a day, all at once; no day gives a plan up.

    What is due already happens now. `joining` are members as `Member` writes them.
    """
    moment = parse_day(day)
    present, wanted = store.get(Mailbox, text), parse_members(joining)
    check_version(present, version)
    stranger = next((id_ for id_ in leaving if id_ not in present.members), None)
    if stranger:
        raise MailError('member-missing.here', member=stranger, address=present.address)
    check_known(store, present, [member.id for member in wanted])
    after = dataclasses.replace(
        present,
        handover=moment,
        leaving=tuple(sorted(set(leaving))),
        joining=tuple(map(str, wanted)),
    )
    if moment and moment <= now():
        after = _handed_over(after)
    store.change(present, after)
    return after


@act
def hand_over_due(store: Store) -> tuple[Mailbox, ...]:
    """Change the members of mailboxes as planned for now or before; return these."""
    due = [each for each in store.having(Mailbox, 'handover') if is_due(each)]
    changed = []
    for mailbox in due:
        try:
            check_known(store, mailbox, [member.id for member in parse_members(mailbox.joining)])
        except MailError as error:
            logger.warning('%s is not handed over: %s', mailbox.address, error.sentence)
            continue
        after = _handed_over(mailbox)
        store.change(mailbox, after)
        changed.append(after)
    return tuple(changed)


def is_due(mailbox: Mailbox) -> bool:
    """Whether the moment has come at which members are to change."""
    return mailbox.handover is not None and mailbox.handover <= now()


def shared_with(store: Store, owner: Owner) -> tuple[Mailbox, ...]:
    """The mailboxes that are shared with an owner."""
    return store.search(Mailbox, where={'members': id_of(owner)})


def forget(store: Store, address: str) -> None:
    """Take a stand-alone mailbox out of all that are shared with it, before its address is free."""
    for mailbox in store.search(Mailbox, where={'members': address}):
        left = [each for each in mailbox.member_rights if each.id != address]
        store.change(mailbox, with_members(mailbox, left))
    for mailbox in store.having(Mailbox, 'handover'):
        store.change(mailbox, _without(mailbox, address))


def _without(mailbox: Mailbox, id_: str) -> Mailbox:
    """A mailbox whose planned change of members does not concern a member."""
    leaving = tuple(each for each in mailbox.leaving if each != id_)
    joining = tuple(each for each in mailbox.joining if Member.parse(each).id != id_)
    handover = mailbox.handover if leaving or joining else None
    return dataclasses.replace(mailbox, handover=handover, leaving=leaving, joining=joining)
