# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the rules of a mailbox.

What people wrote is theirs, so the journal has no text of theirs (`secret_str`).

DIAGNOSTICS
    The errors of `directory.verbs.own_rules` and `rules`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..directory.mail_filter import MailFilter, parse_filters
from ..directory.person import owner_of
from ..directory.store import PageStore
from ..directory.vacation import parse_vacation
from ..directory.verbs import mail_rules, own, own_rules
from ..rules import own_scripts, trial


@privileged
def own_vacation(
    user: str, address: str, reply: secret_str, version: str = '', alone: bool = False
) -> dict[str, Any]:
    """Choose the automatic reply of a user's mailbox, as an entry holds it; '' removes it."""
    with PageStore() as store, store.exclusive():
        owner, vacation = owner_of(store, user, alone), parse_vacation(reply)
        return own_rules.choose_own_vacation(store, owner, address, vacation, version).to_json()


@privileged
def own_filters(
    user: str, address: str, filters: secret_str, version: str = '', alone: bool = False
) -> dict[str, Any]:
    """Choose the filters of a user's mailbox in their order, as an entry holds them."""
    with PageStore() as store, store.exclusive():
        owner, wanted = owner_of(store, user, alone), parse_filters(filters)
        return own_rules.choose_own_filters(store, owner, address, wanted, version).to_json()


@privileged
def own_label_folders(
    user: str, address: str, enabled: bool, version: str = '', alone: bool = False
) -> dict[str, Any]:
    """Choose whether mail with a label goes to the folder of that name."""
    with PageStore() as store, store.exclusive():
        owner = owner_of(store, user, alone)
        return own_rules.choose_own_label_folders(store, owner, address, enabled, version).to_json()


@privileged
def own_filter_try(
    user: str, address: str, wanted: secret_str, alone: bool = False
) -> dict[str, Any]:
    """The latest messages in a user's inbox that meet the conditions of a filter."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
    return trial.try_filter(mailbox.address, MailFilter.parse(wanted)).to_json()


@privileged
def own_scripts_look(user: str, address: str, alone: bool = False) -> dict[str, Any]:
    """The Sieve scripts of a user's mailbox that mail apps manage, and the last problem."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
    return own_scripts.own_scripts(mailbox.address).to_json()


@privileged
def common_filters_set(place: str, filters: str, version: str = '') -> str:
    """Choose the filters of all mailboxes, before or after those of each; their new version."""
    with PageStore() as store:
        wanted = parse_filters(filters)
        return mail_rules.choose_common_filters(store, place, wanted, version).version
