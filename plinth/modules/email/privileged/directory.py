# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the mail directory as a whole and on domains.

Each opens the directory as root, has everything checked again by the code below
`directory/`, and returns plain values. Errors are `MailError`.
"""

import dataclasses
from typing import Any

from freedombox.actions import privileged

from ..directory import server
from ..directory.address import parse_domain
from ..directory.domain import Domain
from ..directory.entry import check_number
from ..directory.mailbox import Mailbox
from ..directory.store import PageStore, Store
from ..directory.verbs import domains as domain_verbs
from ..directory.verbs.reconcile import look, plan_for, waiting
from ..directory.verbs.reconcile import reconcile as reconcile_store
from ..errors import MailError
from ..mailstore import kept_mail

MOST_DOMAINS = 1000
"""FreedomBox's own names, which were entered one by one."""


@privileged
def directory_setup() -> None:
    """Make slapd ready for the mail directory; to be run again when daemons' users appear."""
    server.set_up(server.SCHEMA_PATH.read_text(encoding='utf-8'))
    with Store() as store, store.exclusive():
        for domain in store.search(Domain):
            store.complete(domain)
        store.drop_address_logins()


@privileged
def sync_domains(domains: list[str], primary: str | None = None) -> dict[str, Any]:
    """Follow FreedomBox's own list of domains, then bring users and roles in line."""
    check_number(domains, MOST_DOMAINS)
    if primary:
        parse_domain(primary)
    with Store() as store, store.exclusive():
        refused = domain_verbs.sync_domains(store, domains, primary or '')
        return {**reconcile_store(store), 'refused': refused}


@privileged
def reconcile() -> dict[str, Any]:
    """Bring mailboxes and role addresses in line with FreedomBox's users."""
    with Store() as store:
        return reconcile_store(store)


@privileged
def users_are_gone(mark: str) -> dict[str, Any]:
    """Believe that many users are gone; `mark` stands for those an administrator saw."""
    with PageStore() as store, store.exclusive():
        if waiting(plan_for(look(store)))['mark'] != mark:
            raise MailError('entry-changed.missing-users')
        return reconcile_store(store, mark)


@privileged
def domain_add(domain: str, alias_of: str | None = None) -> dict[str, Any]:
    """Add a mail domain and the addresses it must have."""
    with PageStore() as store, store.exclusive():
        added = domain_verbs.add_domain(store, domain, alias_of or '')
        reconcile_store(store)
        return store.get(Domain, added.name).to_json()


@privileged
def domain_remove(domain: str, force: bool = False, version: str = '') -> dict[str, Any]:
    """Remove a mail domain; with `force` also the addresses in it. Stored mail stays."""
    with PageStore() as store, store.exclusive():
        losing = store.in_domain(Mailbox, parse_domain(domain))
        removed = domain_verbs.remove_domain(store, domain, force, version)
        for mailbox in losing:
            kept_mail.leave(mailbox)
        reconcile_store(store)
        return removed.to_json()


@privileged
def domain_change(
    domain: str,
    user_mailboxes: str | None = None,
    user_aliases: int | None = None,
    alias_of: str | None = None,
    note: str | None = None,
    version: str = '',
    mta_sts: str | None = None,
    dmarc: str | None = None,
) -> dict[str, Any]:
    """Change a mail domain; None leaves a thing as it is.

    `user_mailboxes` is `yes`, `no` or `default`: whether every user gets a mailbox in it.
    `mta_sts` is how strict its policy for encrypted delivery is, `dmarc` that about forgeries.
    """
    with PageStore() as store, store.exclusive():
        present = store.get(Domain, domain)
        fields: dict[str, Any] = {
            'user_mailboxes': domain_verbs.parse_choice(user_mailboxes, present.user_mailboxes),
            'user_aliases': present.user_aliases if user_aliases is None else user_aliases,
            'alias_of': present.alias_of
            if alias_of is None
            else domain_verbs.parse_target(alias_of),
            'note': present.note if note is None else note.strip(),
            'mta_sts': present.mta_sts if mta_sts is None else mta_sts,
            'dmarc': present.dmarc if dmarc is None else dmarc,
        }
        wanted = dataclasses.replace(present, **fields)
        changed = domain_verbs.change_domain(store, wanted, version)
        reconcile_store(store)
        return store.get(Domain, changed.name).to_json()


@privileged
def domain_loss(domain: str) -> dict[str, Any]:
    """The entries that would stop working without a domain."""
    with PageStore() as store:
        return dataclasses.asdict(domain_verbs.loss(store, domain))


@privileged
def domain_set_primary(domain: str, instead_of: str = '') -> dict[str, Any]:
    """Choose the domain in which every FreedomBox user gets a mailbox.

    With `instead_of` only as long as that is the chosen one.
    """
    with PageStore() as store, store.exclusive():
        domain_verbs.set_primary(store, domain, instead_of)
        return reconcile_store(store)


@privileged
def operator_set(user: str | None) -> dict[str, Any]:
    """Choose who gets the mail of the role addresses; None for any administrator."""
    with PageStore() as store, store.exclusive():
        domain_verbs.set_operator(store, user or '')
        return reconcile_store(store)
