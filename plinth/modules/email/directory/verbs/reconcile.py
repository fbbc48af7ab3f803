# SPDX-License-Identifier: AGPL-3.0-or-later
"""Brings the directory in line with FreedomBox's users, which it cannot hear of.

FreedomBox adds, renames and removes users without telling. So this looks at everything
as it is and works out what is left to do; run again, it finds nothing. `plan` is pure,
`reconcile` makes it true.

A user is known by the entryUUID of the entry in ou=users, which a new name does not
change. A renamed user keeps the mailbox with all mail and gets an alias from
the new name; a new user with an old name never gets to see mail that is not theirs.
"""

import dataclasses
from datetime import datetime, timedelta

from ...errors import MailError
from .. import apppassword, departures
from ..accounts import User
from ..address import fold, parse_own
from ..alias import ROLES, Alias
from ..domain import Domain
from ..entry import now
from ..mailbox import Mailbox
from ..store import Store
from . import guards
from .reserved import is_reserved
from .snapshot import Reconciled, ReconcilePlan, Snapshot

_TRIES = 3
FORMER_NAME_LASTS = timedelta(days=90)
"""How long mail to the name before still comes, and may be sent."""


def _follow_owners(plan: ReconcilePlan) -> None:
    """Give every owned mailbox the owner of today, or switch it off."""
    by_id = {user.id: user for user in plan.seen.users}
    known = {mailbox.owner_id for mailbox in plan.seen.mailboxes.values()}
    # An owner of a mailbox was renamed and is not the one who had this name before.
    by_name = {
        user.name: user for user in plan.seen.users if user.id not in known and user.has_plain_name
    }
    for key, mailbox in plan.seen.mailboxes.items():
        if mailbox.stands_alone:
            continue
        user = by_id.get(mailbox.owner_id)
        if not mailbox.owner_id:  # of another box, or of a time before identities were noted
            user = by_name.get(mailbox.owner)
        plan.mailboxes[key] = _with_owner(mailbox, user, plan.seen.time)


def _with_owner(mailbox: Mailbox, user: User | None, time: datetime) -> Mailbox:
    """A mailbox as it is for its owner, who may have left or come back.

    An owner who took a name that looks like an address keeps the one before, and has no short
    login until the name is a plain one again.
    """
    if user is None:
        if mailbox.gone:
            return mailbox
        return dataclasses.replace(mailbox, enabled=False, login='', gone=time)
    return dataclasses.replace(
        mailbox,
        owner=user.name if user.has_plain_name else mailbox.owner,
        owner_id=user.id,
        login=user.name if mailbox.login and user.has_plain_name else '',
        enabled=mailbox.enabled or mailbox.gone is not None,
        gone=None,
    )


def _identify_owners(plan: ReconcilePlan) -> None:
    """Give aliases that only name an owner the identity of that person, if it is certain.

    So it was with those carried over by an early version. The owner is known for sure when the
    alias leads to the mailbox of a user who has or had this name; another user who has the name
    today may be another person.
    """
    by_id = {user.id: user for user in plan.seen.users}
    for key, alias in plan.aliases.items():
        if not alias.owner or alias.owner_id or alias.origin not in ('user', 'admin'):
            continue
        mailbox = plan.mailboxes.get(alias.owner)
        if mailbox and mailbox.owns(alias):
            continue  # made by a stand-alone mailbox
        found = [plan.mailboxes.get(each) for each in alias.destinations]
        user = by_id.get(found[0].owner_id) if len(found) == 1 and found[0] else None
        names = (fold(user.name), found[0].address.partition('@')[0]) if user and found[0] else ()
        if user and fold(alias.owner) in names:
            plan.aliases[key] = dataclasses.replace(alias, owner=user.name, owner_id=user.id)
            continue
        plan.aliases[key] = dataclasses.replace(alias, owner='', origin='admin')
        plan.report('alias-owner-unknown', alias=key, user=alias.owner)


def _follow_owners_of_aliases(plan: ReconcilePlan) -> None:
    """Give every alias the name its owner has today.

    When they are gone, one they made is switched off; one an administrator made goes on without
    them, so that no one who takes the name later may send as it.
    """
    by_id = {user.id: user for user in plan.seen.users}
    for key, alias in plan.aliases.items():
        if not alias.owner_id or alias.origin == 'freedombox':
            continue
        user = by_id.get(alias.owner_id)
        if user:
            name = user.name if user.has_plain_name else alias.owner
            is_wrong = alias.origin == 'user' and not _may_have(plan, user, alias.address)
            enabled = alias.enabled and not is_wrong
            plan.aliases[key] = dataclasses.replace(alias, owner=name, enabled=enabled)
        elif alias.origin == 'user':
            plan.aliases[key] = dataclasses.replace(alias, enabled=False)
        else:
            plan.aliases[key] = dataclasses.replace(alias, owner='', owner_id='')


def _main_mailbox(plan: ReconcilePlan, user: User, wanted: str) -> Mailbox | None:
    """The mailbox in the primary domain that a user's short login name opens."""
    candidates = [
        mailbox
        for mailbox in plan.mailboxes.values()
        if mailbox.owner_id == user.id
        and mailbox.domain == plan.seen.primary
        and (mailbox.origin == 'freedombox' or mailbox.address == wanted)
    ]
    candidates.sort(key=lambda m: (not m.login, m.address != wanted, m.address))
    return candidates[0] if candidates else None


def _report_taken(plan: ReconcilePlan, user: User, address: str) -> None:
    """Say why a user has no mailbox."""
    plan.report('user-no-mailbox', user=user.name, address=address)


def _give_mailbox(plan: ReconcilePlan, user: User) -> None:
    """See that a user has a mailbox, and an address with the name of today."""
    if not user.has_plain_name:
        plan.report('user-invalid.like-address', user=user.name)
        return
    try:
        wanted = str(parse_own(f'{user.name}@{plan.seen.primary}'))
    except MailError as error:
        plan.report('user-invalid.no-mailbox', user=user.name, why=error.reason.to_json())
        return
    main = _main_mailbox(plan, user, wanted)
    if main is None:
        main = _new_main(plan, user, wanted)
    elif main.address != wanted:
        _give_name(plan, user, wanted, main.address)
    if main:
        plan.mains[user.name] = plan.mailboxes[main.address] = dataclasses.replace(
            main, login=user.name
        )


def _may_have(plan: ReconcilePlan, user: User, address: str) -> bool:
    """Whether a user may have an address by name alone: no reserved one, unless administrator."""
    return user.name in plan.seen.admins or not is_reserved(address)


def _is_free(plan: ReconcilePlan, address: str) -> bool:
    """Whether a user can get a mailbox with an address; who is gone gives way.

    The mail of a user who is gone is set aside then, and goes to no other automatically.
    """
    present = plan.mailboxes.get(address)
    has_left = bool(present and present.gone and present.owner_id)
    return (present is None or has_left) and _gives_way(plan.aliases.get(address))


def _gives_way(alias: Alias | None) -> bool:
    """Whether an alias leaves its address to the user who has the name."""
    return alias is None or alias.origin in ('role', 'freedombox')


def _new_main(plan: ReconcilePlan, user: User, wanted: str) -> Mailbox | None:
    """The mailbox a user is to get in the primary domain, unless something is in the way."""
    if plan.seen.primary not in plan.seen.giving:
        return None
    if not _may_have(plan, user, wanted):
        plan.report('user-reserved', user=user.name, address=wanted)
        return None
    if not _is_free(plan, wanted):
        _report_taken(plan, user, wanted)
        return None
    plan.aliases.pop(wanted, None)
    return Mailbox(wanted, owner=user.name, owner_id=user.id, origin='freedombox')


def _give_name(plan: ReconcilePlan, user: User, wanted: str, mailbox: str) -> None:
    """Give a user the address of today's name, also where it is a former name of another."""
    present = plan.aliases.get(wanted)
    if not _may_have(plan, user, wanted):
        _report_no_address(plan, 'reserved', user, wanted, mailbox)
        return
    if wanted in plan.mailboxes or (present and present.origin != 'freedombox'):
        if not _reaches(plan, user, wanted, mailbox):
            _report_no_address(plan, 'used', user, wanted, mailbox)
        return
    if present and present.owner_id == user.id:
        plan.aliases[wanted] = dataclasses.replace(present, expires=None)
    else:
        plan.aliases[wanted] = Alias(
            wanted, (mailbox,), owner=user.name, owner_id=user.id, origin='freedombox'
        )


def _reaches(plan: ReconcilePlan, user: User, address: str, mailbox: str) -> bool:
    """Whether mail to an address comes to a user all the same."""
    other, alias = plan.mailboxes.get(address), plan.aliases.get(address)
    if other:
        return other.owner_id == user.id
    return bool(alias and alias.enabled and mailbox in alias.destinations)


def _report_no_address(
    plan: ReconcilePlan, why: str, user: User, address: str, mailbox: str
) -> None:
    """Say why a user who was renamed has no address with the new name."""
    plan.report(f'user-no-address.{why}', address=address, user=user.name, mailbox=mailbox)


def _end_former_names(plan: ReconcilePlan) -> None:
    """Leave each user one address of a former name, for a time, and none that is reserved."""
    for user in plan.seen.users:
        former: dict[str, list[Alias]] = {}
        for alias in plan.aliases.values():
            if alias.origin == 'freedombox' and alias.owner_id == user.id:
                is_name = alias.address == f'{fold(user.name)}@{alias.domain}'
                if not (is_name and _may_have(plan, user, alias.address)):
                    former.setdefault(alias.domain, []).append(alias)
        for found in former.values():
            _end_former(plan, found)


def _end_former(plan: ReconcilePlan, former: list[Alias]) -> None:
    """Leave one former name of a user in a domain: the last one."""

    def lateness(alias: Alias) -> tuple[bool, bool, datetime, str]:
        seen = plan.seen.aliases.get(alias.address, alias)
        was_name = alias.address == f'{fold(seen.owner)}@{alias.domain}'
        return alias.expires is None, was_name, alias.expires or plan.seen.time, alias.address

    last = max(former, key=lateness)
    expires = last.expires or plan.seen.time + FORMER_NAME_LASTS
    for alias in former:
        if alias is last and expires > plan.seen.time and not is_reserved(alias.address):
            plan.aliases[alias.address] = dataclasses.replace(alias, expires=expires)
        else:
            del plan.aliases[alias.address]


def _give_more_mailboxes(plan: ReconcilePlan, user: User) -> None:
    """See that a user has a mailbox in the other domains where every user gets one."""
    for domain in plan.seen.giving:
        if domain == plan.seen.primary or _has_mailbox(plan, user, domain):
            continue
        try:
            wanted = str(parse_own(f'{user.name}@{domain}'))
        except MailError:
            continue  # said already for the primary domain
        if not _is_free(plan, wanted) or not _may_have(plan, user, wanted):
            continue  # another writer was faster
        plan.aliases.pop(wanted, None)
        plan.mailboxes[wanted] = Mailbox(
            wanted, owner=user.name, owner_id=user.id, origin='freedombox'
        )


def _has_mailbox(plan: ReconcilePlan, user: User, domain: str) -> bool:
    """Whether a user was given a mailbox in a domain, maybe under an earlier name."""
    return any(
        mailbox.owner_id == user.id and mailbox.domain == domain and mailbox.origin == 'freedombox'
        for mailbox in plan.mailboxes.values()
    )


def _guard_all_alike(plan: ReconcilePlan) -> None:
    """Give each mailbox of a person the guard of the others: the same passwords open them."""
    guarded = {each.owner_id: each for each in plan.mailboxes.values() if each.guard_rules}
    for key, mailbox in plan.mailboxes.items():
        if not mailbox.guard_rules and mailbox.owner_id in guarded:
            fields = guards.fields_beside(guarded.values(), mailbox.owner_id)
            plan.mailboxes[key] = dataclasses.replace(mailbox, **fields)  # type: ignore[arg-type]


def _free_other_logins(plan: ReconcilePlan) -> None:
    """Let each short login name open one mailbox only, that of the user of this name.

    Where two have the same one, Dovecot would refuse both.
    """
    opens = {fold(name): mailbox.address for name, mailbox in plan.mains.items()}
    for key, mailbox in sorted(plan.mailboxes.items()):
        if mailbox.login and opens.setdefault(fold(mailbox.login), key) != key:
            plan.mailboxes[key] = dataclasses.replace(mailbox, login='')
            _report_twice(plan, mailbox, opens[fold(mailbox.login)])


def _report_twice(plan: ReconcilePlan, mailbox: Mailbox, other: str) -> None:
    """Say that mailboxes of two people had the same short login."""
    if plan.mailboxes[other].owner_id != mailbox.owner_id:
        plan.report('login-twice', login=mailbox.login, address=other, other=mailbox.address)


def _follow_renamed(plan: ReconcilePlan) -> None:
    """Give the aliases from new names owner and state of the mailboxes they lead to."""
    for key, alias in plan.aliases.items():
        if alias.origin != 'freedombox':
            continue
        mailbox = plan.mailboxes.get(alias.destinations[0])
        if mailbox and alias.owner_id not in ('', mailbox.owner_id):
            mailbox = None  # another user has that address by now
        plan.aliases[key] = (
            dataclasses.replace(
                alias,
                owner=mailbox.owner,
                owner_id=mailbox.owner_id,
                enabled=mailbox.enabled,
            )
            if mailbox
            else dataclasses.replace(alias, enabled=False)
        )


def _operator_address(plan: ReconcilePlan) -> str:
    """The mailbox that gets the mail of the role addresses, '' if there is none."""
    locked = {user.name for user in plan.seen.users if user.locked}
    for name in (plan.seen.settings.operator, *plan.seen.admins):
        main = plan.mains.get(name)
        if main and main.enabled and name not in locked:
            return main.address
    return ''


def _follow_operator(plan: ReconcilePlan) -> None:
    """See that the role addresses of all domains in use reach the operator."""
    operator = _operator_address(plan)
    if not operator:
        plan.report('operator-missing')
        return
    for domain in plan.seen.domains:
        if domain.enabled and not domain.alias_of:
            for role in ROLES:
                _give_role(plan, f'{role}@{domain.name}', operator)


def _give_role(plan: ReconcilePlan, address: str, operator: str) -> None:
    """See that one role address reaches the operator, unless a person decided otherwise."""
    present = plan.aliases.get(address)
    if address not in plan.mailboxes and (present is None or present.origin == 'role'):
        plan.aliases[address] = Alias(address, (operator,), origin='role')


def _believed(seen: Snapshot, confirmed: str) -> ReconcilePlan:
    """Begin a plan; users are gone only where that can be believed or was `confirmed`."""
    gone = departures.find(seen.users, seen.mailboxes.values(), seen.aliases.values())
    if not gone.doubtful or gone.mark == confirmed:
        return ReconcilePlan(seen)
    plan = ReconcilePlan(dataclasses.replace(seen, users=(*seen.users, *gone.users)), waiting=gone)
    plan.report('users-missing', users=gone.names)
    return plan


def plan_for(seen: Snapshot, confirmed: str = '') -> ReconcilePlan:
    """The plan for the directory, given a snapshot.

    `confirmed` is the mark of `Departures` an administrator said are gone.
    """
    plan = _believed(seen, confirmed)
    seen = plan.seen
    _follow_owners(plan)
    _identify_owners(plan)
    _follow_owners_of_aliases(plan)
    if seen.primary:
        for user in seen.users:
            _give_mailbox(plan, user)
            _give_more_mailboxes(plan, user)
        _free_other_logins(plan)
    else:
        plan.report('primary-missing')
    _follow_renamed(plan)
    _end_former_names(plan)
    _guard_all_alike(plan)
    if seen.primary:
        _follow_operator(plan)
    return plan


def look(store: Store) -> Snapshot:
    """A snapshot of users and addresses."""
    settings, domains, users = store.settings(), store.search(Domain), store.users()
    locals_ = {*ROLES, *(fold(user.name) for user in users)}
    addresses = (f'{local}@{domain.name}' for local in locals_ for domain in domains)
    aliases = store.find_many(Alias, addresses)
    for origin in ('freedombox', 'user'):
        aliases.update((a.key, a) for a in store.search(Alias, where={'origin': origin}))
    mailboxes = {mailbox.key: mailbox for mailbox in store.search(Mailbox)}
    for field_ in ('owner', 'owner_id'):
        owners = {getattr(mailbox, field_) for mailbox in mailboxes.values()}
        present = {user.name if field_ == 'owner' else user.id for user in users}
        aliases.update(store.find_many(Alias, owners | present, field_))
    return Snapshot(settings, domains, users, store.admins(), mailboxes, aliases, now())


def reconcile(store: Store, confirmed: str = '') -> Reconciled:
    """Bring the directory in line; the changes made, and the problems left."""
    with store.exclusive():
        for tries_left in reversed(range(_TRIES)):
            try:
                return _carry_out(store, plan_for(look(store), confirmed))
            except MailError as error:
                # An administrator may have changed it by hand at the same time: look again.
                if not tries_left or not error.code.endswith(('-changed', '-exists', '-missing')):
                    raise
    raise AssertionError('The last try returns or raises.')


def is_due(store: Store, plan: ReconcilePlan) -> bool:
    """Whether there is anything to do, also for passwords whose owner has been gone for long."""
    if plan.steps():
        return True
    ids = {user.id for user in plan.seen.users}
    mailboxes = tuple(plan.mailboxes.values())
    time = plan.seen.time
    return not plan.waiting.users and bool(apppassword.without_owner(store, ids, mailboxes, time))


def _carry_out(store: Store, plan: ReconcilePlan) -> Reconciled:
    """Make a plan true, all of it or nothing."""
    steps, revoked = plan.steps(), []
    with store.transaction():
        for step in steps:
            step.apply(store)
        if not plan.waiting.users:  # some who are missing may own nothing but a password
            revoked = apppassword.follow_owners(
                store, plan.seen.users, tuple(plan.mailboxes.values()), plan.seen.time
            )
    return Reconciled.of(plan, steps, revoked)
