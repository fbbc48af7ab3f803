# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the mail directory as a whole and on domains.

Each opens the directory as root and has everything checked again by the verb it calls. Errors
are `MailError`.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory import server
from ..directory.send_limits import own_limits
from ..directory.store import PageStore, Store
from ..directory.verbs import admin
from ..directory.verbs.domains import loss
from ..directory.verbs.reconcile import reconcile as reconcile_store
from ..mailstore import handover


@privileged
def directory_setup() -> None:
    """Make slapd ready for the mail directory; to be run again when daemons' users appear."""
    server.make_ready()


@privileged
def sync_domains(domains: list[str], primary: str | None = None) -> dict[str, Any]:
    """Follow FreedomBox's own list of domains, then bring users and roles in line."""
    with Store() as store:
        return admin.sync_domains(store, domains, primary or '').to_json()


@privileged
def reconcile() -> dict[str, Any]:
    """Bring mailboxes and role addresses in line with FreedomBox's users."""
    with Store() as store:
        return reconcile_store(store).to_json()


@privileged
def users_are_gone(mark: str) -> dict[str, Any]:
    """Believe that many users are gone; `mark` stands for those an administrator saw."""
    with PageStore() as store:
        return admin.believe(store, mark).to_json()


@privileged
def domain_add(domain: str, alias_of: str | None = None) -> dict[str, Any]:
    """Add a mail domain and the addresses it must have."""
    with PageStore() as store:
        return admin.add_domain(store, domain, alias_of or '').to_json()


@privileged
def domain_remove(domain: str, force: bool = False, version: str = '') -> dict[str, Any]:
    """Remove a mail domain; with `force` also the addresses in it. Stored mail stays."""
    with PageStore() as store:
        return handover.remove_domain(store, domain, force, version).to_json()


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
    recipients_hour: int | None = None,
    recipients_day: int | None = None,
    first_time_day: int | None = None,
    forwarding: bool | None = None,
    quota: str | None = None,
    total_quota: str | None = None,
    trash_days: str | None = None,
    junk_days: str | None = None,
    client_host: str | None = None,
) -> dict[str, Any]:
    """Change a mail domain; None leaves a thing as it is.

    `user_mailboxes` is `yes`, `no` or `default`: whether every user gets a mailbox in it.
    `mta_sts` is how strict its policy for encrypted delivery is, `dmarc` that about forgeries,
    `forwarding` whether mail of its mailboxes may be forwarded to other servers. Limits on sending
    hold for its mailboxes without any of their own; 0 stands for none. So do the
    quota and days of old mail, where '' stands for none; `total_quota` is for all mailboxes.
    `client_host` is the name mail apps connect to, '' for that of the box.
    """
    limits = own_limits(recipients_hour, recipients_day, first_time_day)
    with PageStore() as store:
        return admin.change_domain(
            store, domain, user_mailboxes=user_mailboxes, user_aliases=user_aliases,
            alias_of=alias_of, note=note, mta_sts=mta_sts, dmarc=dmarc, forwarding=forwarding,
            limits=limits, version=version, client_host=client_host,
            room={
                'quota': quota, 'total_quota': total_quota, 'trash_days': trash_days,
                'junk_days': junk_days,
            },
        ).to_json()  # fmt: skip


@privileged
def domain_loss(domain: str) -> dict[str, Any]:
    """The entries that would stop working without a domain."""
    with PageStore() as store:
        return loss(store, domain).to_json()


@privileged
def domain_set_primary(domain: str, instead_of: str = '') -> dict[str, Any]:
    """Choose the domain in which every FreedomBox user gets a mailbox.

    With `instead_of` only as long as that is the chosen one.
    """
    with PageStore() as store:
        return admin.set_primary(store, domain, instead_of).to_json()


@privileged
def operator_set(user: str | None) -> dict[str, Any]:
    """Choose who gets the mail of the role addresses; None for any administrator."""
    with PageStore() as store:
        return admin.set_operator(store, user or '').to_json()
