# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for guarded mailboxes: their rules, and who decides on mail that waits.

All mailboxes of a person are opened by the same passwords, so they have the same guard.

DIAGNOSTICS
    guard-denied      the person of a guarded mailbox may not do this
    guard-invalid     an administrator or a guardian of their own would be guarded
    guard-missing     the mailbox is not guarded
    mailbox-missing   there is none, or its mail is not for them to decide on
    entry-changed     another person changed it since it was looked at
"""

import dataclasses
from collections.abc import Collection, Iterable

from ...errors import MailError
from ..acts import act
from ..entry_errors import missing
from ..guard import NO_GUARD, Act, Guard
from ..mailbox import Mailbox
from ..person import Owner, Person, named
from ..store import Store
from . import ownership
from .aliases import check_version


def check_may(mailbox: Mailbox, what: Act) -> None:
    """Refuse an act of its own person on a guarded mailbox that is not allowed to them."""
    if mailbox.guard and what not in mailbox.guard.may:
        raise MailError(f'guard-denied.{what}', address=mailbox.address)


def check_all_may(store: Store, owner: Owner, what: Act) -> None:
    """Refuse an act that one of an owner's mailboxes does not allow."""
    for mailbox in ownership.mailboxes_of(store, owner):
        check_may(mailbox, what)


def identity(owner: Owner) -> str:
    """The name a guard knows an owner by."""
    return owner.id if isinstance(owner, Person) else owner.address


def identities(store: Store, names: Collection[str]) -> tuple[str, ...]:
    """The identities of guardians, from user names and addresses of stand-alone mailboxes."""
    return tuple(identity(named(store, each.strip())) for each in names)


def fields_beside(others: Iterable[Mailbox], owner_id: str) -> dict[str, str | tuple[str, ...]]:
    """The fields of a new mailbox of a person whose other mailboxes are guarded, if they are."""
    found = (each.guard for each in others if owner_id and each.owner_id == owner_id)
    return next((guard.fields() for guard in found if guard), {})


def names_of(store: Store, guard: Guard) -> tuple[str, ...]:
    """The names of guardians as people know them; those that are gone have none."""
    users = {user.id: user.name for user in store.users()}
    found = (users.get(each, each if '@' in each else '') for each in guard.guardians)
    return tuple(sorted(filter(None, found)))


def check_guardian(store: Store, mailbox: Mailbox, guardian: str) -> None:
    """Refuse a guardian whose mail, with the links that approve, the guarded person reads."""
    shared = store.find(Mailbox, guardian) if '@' in guardian else None
    if guardian == mailbox.holder or (shared and mailbox.holder in shared.members):
        raise MailError('guard-invalid.own', address=mailbox.address)


def _check(store: Store, mailbox: Mailbox, guard: Guard) -> None:
    """Refuse rules that their person could take back, or decide on alone."""
    if mailbox.owner and mailbox.owner in store.admins():
        raise MailError('guard-invalid.admin', user=mailbox.owner)
    for guardian in guard.guardians:
        check_guardian(store, mailbox, guardian)


@act
def _change(store: Store, text: str, guard: Guard | None, version: str = '') -> tuple[Mailbox, ...]:
    mailbox = store.get(Mailbox, text)
    check_version(mailbox, version)
    if guard:
        _check(store, mailbox, guard)
    fields = guard.fields() if guard else NO_GUARD
    changed = []
    for each in guarded_with(store, mailbox):
        after = dataclasses.replace(each, **fields)  # type: ignore[arg-type]
        store.change(each, after)
        changed.append(after)
    return tuple(changed)


def set_guard(store: Store, text: str, guard: Guard, version: str = '') -> tuple[Mailbox, ...]:
    """Guard a mailbox, and the others of its person; all of them."""
    return _change(store, text, guard, version)


def remove_guard(store: Store, text: str, version: str = '') -> tuple[Mailbox, ...]:
    """Guard a mailbox no longer, nor the others of its person; all of them."""
    return _change(store, text, None, version)


def guard_of(mailbox: Mailbox) -> Guard:
    """The rules of a mailbox, or say that it has none."""
    if mailbox.guard is None:
        raise MailError('guard-missing', address=mailbox.address)
    return mailbox.guard


@act
def know(store: Store, text: str, *addresses: str) -> tuple[Mailbox, ...]:
    """Add known correspondents to a guarded mailbox."""
    guard = guard_of(store.get(Mailbox, text))
    return _change(store, text, guard.with_known(*addresses))


def forget(store: Store, address: str) -> None:
    """Have a stand-alone mailbox guard no one any more, before its address is free."""
    for mailbox in store.search(Mailbox, where={'guardians': address}):
        left = tuple(each for each in mailbox.guardians if each != address)
        store.change(mailbox, dataclasses.replace(mailbox, guardians=left))


def guarded_with(store: Store, mailbox: Mailbox) -> tuple[Mailbox, ...]:
    """The mailboxes that have one guard: all of a person's."""
    return ownership.of_account(store, mailbox)


def decided_by(store: Store, owner: Owner) -> tuple[Mailbox, ...]:
    """The mailboxes whose waiting mail an owner decides on: as a guardian, or for themselves."""
    guarded = store.search(Mailbox, where={'guardians': identity(owner)})
    released = (
        each
        for each in ownership.mailboxes_of(store, owner)
        if each.guard and 'release' in each.guard.may
    )
    return tuple(sorted({*guarded, *released}, key=lambda each: each.address))


def decidable(store: Store, owner: Owner, text: str) -> Mailbox:
    """A mailbox whose waiting mail an owner may decide on, or say that there is none."""
    mailbox = store.get(Mailbox, text)
    if mailbox not in decided_by(store, owner):
        raise missing(Mailbox, mailbox.address)
    return mailbox
