# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on lists of senders, the score for junk, greylisting, and senders that are let in.

Whom a person does not want mail from is theirs, so the journal has no list (`secret_str`).

DIAGNOSTICS
    The errors of `directory.verbs.spam_lists`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..activity import held_off
from ..directory.person import owner_of
from ..directory.sender_lists import made_change
from ..directory.store import PageStore
from ..directory.verbs import spam_lists


@privileged
def sender_lists_change(address: str, act: str, senders: secret_str) -> dict[str, Any]:
    """Change a list of senders or the score of a mailbox, as an administrator."""
    change = made_change(act, senders)
    with PageStore() as store:
        return spam_lists.change_lists(store, address, change).to_json()


@privileged
def common_lists_change(act: str, senders: secret_str, seen: str = '') -> dict[str, Any]:
    """Change a list of senders or the score for all."""
    change = made_change(act, senders)
    with PageStore() as store:
        return spam_lists.change_common_lists(store, change, seen).to_json()


@privileged
def greylisting_set(enabled: bool) -> None:
    """Choose whether suspicious mail of unknown senders has to come again."""
    with PageStore() as store:
        spam_lists.choose_greylisting(store, enabled)


@privileged
def own_lists_change(
    user: str, address: str, act: str, senders: secret_str, version: str = '', alone: bool = False
) -> dict[str, Any]:
    """Change a list of senders or the score of a user's mailbox."""
    with PageStore() as store:
        owner, change = owner_of(store, user, alone), made_change(act, senders)
        return spam_lists.change_own_lists(store, owner, address, change, version).to_json()


@privileged
def held_off_look(address: str) -> dict[str, Any]:
    """The messages that were held off from a mailbox for suspicion."""
    with PageStore() as store:
        return held_off.held_off(store, address).to_json()


@privileged
def own_held_off(user: str, address: str, alone: bool = False) -> dict[str, Any]:
    """The messages that were held off from a user's mailbox for suspicion."""
    with PageStore() as store:
        return held_off.own_held_off(store, owner_of(store, user, alone), address).to_json()


@privileged
def own_sender_let_in(user: str, address: str, sender: str, alone: bool = False) -> None:
    """Hold a sender off no longer from a user's mailbox, for some days."""
    with PageStore() as store:
        owner = owner_of(store, user, alone)
        spam_lists.let_in_own(store, owner, address, sender)


@privileged
def sender_let_in(address: str, sender: str) -> None:
    """Hold a sender off no longer from a mailbox, for some days."""
    with PageStore() as store:
        spam_lists.let_in(store, address, sender)
