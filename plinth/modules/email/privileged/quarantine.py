# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on possible spam in quarantine, for its owners and for links without a login.

DIAGNOSTICS
    The errors of `filtering.quarantine_links`, `filtering.quarantine_acts` and
    `directory.verbs.quarantine_choices`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..directory.person import owner_of
from ..directory.store import PageStore
from ..directory.verbs import own, quarantine_choices
from ..filtering import quarantine_acts, quarantine_links
from ..mailstore import quarantine


@privileged
def own_quarantine_look(user: str, address: str, alone: bool = False) -> dict[str, Any]:
    """The quarantine of a user's mailbox."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
    return quarantine.look(mailbox).to_json()


@privileged
def own_quarantine_decide(
    user: str, address: str, messages: list[str], decision: str, alone: bool = False
) -> int:
    """Release or delete messages in the quarantine of a user's mailbox; their number."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
        return quarantine_acts.carry_out_all(store, mailbox, messages, decision)


@privileged
def own_quarantine_set(
    user: str, address: str, choice: str, version: str = '', alone: bool = False
) -> dict[str, Any]:
    """Choose where possible spam for a user's mailbox goes."""
    with PageStore() as store, store.exclusive():
        chosen = owner_of(store, user, alone), address, choice, version
        return quarantine_choices.choose_own_quarantine(store, *chosen).to_json()


@privileged
def quarantine_usual_set(choice: str) -> None:
    """Choose where possible spam goes for mailboxes without a choice of their own."""
    with PageStore() as store:
        quarantine_choices.choose_usual_quarantine(store, choice)


@privileged
def quarantine_of_link(secret: secret_str) -> dict[str, Any]:
    """The message in quarantine that a link is for, and what the link does."""
    with PageStore() as store:
        return quarantine_links.find(store, secret).to_json()


@privileged
def quarantine_use_link(secret: secret_str) -> dict[str, Any]:
    """Do what a link is for."""
    with PageStore() as store:
        return quarantine_links.use(store, secret).to_json()
