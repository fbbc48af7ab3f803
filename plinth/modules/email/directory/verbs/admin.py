# SPDX-License-Identifier: AGPL-3.0-or-later
"""Acts of an administrator: from text, and with users and role addresses in line afterwards.

The rules of each act are those of `aliases` and `domains`, whose errors pass through.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from ...errors import MailError
from ..address import parse_domain
from ..alias import Alias
from ..domain import Domain
from ..entry import check_number
from ..person import expected
from ..room import AS_IT_IS, OwnRoom
from ..send_limits import UNCHANGED, OwnLimits
from ..store import Store
from . import aliases, domains, forward_rules
from .reconcile import look, plan_for, reconcile
from .snapshot import Reconciled, SyncedDomains

MOST_DOMAINS = 1000
"""FreedomBox's own names, which people entered one by one."""


def add_alias(
    store: Store,
    address: str,
    destinations: Collection[str],
    *,
    enabled: bool = True,
    owner: str = '',
    owner_id: str = '',
    senders: Collection[str] = (),
    expires: datetime | None = None,
    note: str = '',
) -> Alias:
    """Add an alias or a pattern, or decide who gets the mail of a role address.

    With `owner_id` the owner must be just this person, and not another one of that name.
    """
    with store.exclusive():
        alias = aliases.make_alias(
            address,
            destinations,
            enabled=enabled,
            owner=owner,
            senders=senders,
            expires=expires,
            note=note,
            owner_id=expected(store, owner, owner_id).id if owner else '',
        )
        return aliases.add(store, alias)


def remove_alias(store: Store, text: str, force: bool = False, version: str = '') -> Alias:
    """Remove an alias; a role address leads to the operator again."""
    with store.exclusive():
        removed = aliases.remove(store, text, force, version)
        reconcile(store)
    return removed


def sync_domains(store: Store, names: Sequence[str], primary: str = '') -> SyncedDomains:
    """Follow FreedomBox's own list of domains, then bring users and roles in line."""
    check_number(names, MOST_DOMAINS)
    if primary:
        parse_domain(primary)
    with store.exclusive():
        refused = domains.sync_domains(store, names, primary)
        return SyncedDomains(refused, reconcile(store))


def add_domain(store: Store, text: str, alias_of: str = '') -> Domain:
    """Add a mail domain and the addresses it must have."""
    with store.exclusive():
        added = domains.add_domain(store, text, alias_of)
        reconcile(store)
    return added


def change_domain(
    store: Store,
    text: str,
    *,
    user_mailboxes: str | None = None,
    user_aliases: int | None = None,
    alias_of: str | None = None,
    note: str | None = None,
    mta_sts: str | None = None,
    dmarc: str | None = None,
    limits: OwnLimits = UNCHANGED,
    forwarding: bool | None = None,
    room: OwnRoom = AS_IT_IS,
    client_host: str | None = None,
    version: str = '',
) -> Domain:
    """Change single settings of a domain, and the mailboxes that follow from them."""
    with store.exclusive():
        changed = domains.edit_domain(
            store, text, user_mailboxes=user_mailboxes, user_aliases=user_aliases,
            alias_of=alias_of, note=note, mta_sts=mta_sts, dmarc=dmarc, forwarding=forwarding,
            limits=limits, room=room, client_host=client_host, version=version,
        )  # fmt: skip
        if forwarding is not None:
            forward_rules.settle(store, changed.name)
        reconcile(store)
    return changed


def set_primary(store: Store, text: str, instead_of: str = '') -> Reconciled:
    """Choose the domain in which every FreedomBox user gets a mailbox."""
    with store.exclusive():
        domains.set_primary(store, text, instead_of)
        return reconcile(store)


def set_operator(store: Store, name: str) -> Reconciled:
    """Choose the FreedomBox user who gets the mail of the role addresses; '' for any admin."""
    with store.exclusive():
        domains.set_operator(store, name)
        return reconcile(store)


def believe(store: Store, mark: str) -> Reconciled:
    """Follow many users who are gone at once; `mark` stands for those an administrator saw."""
    with store.exclusive():
        if plan_for(look(store)).waiting.missing.mark != mark:
            raise MailError('entry-changed.missing-users')
        return reconcile(store, mark)
