# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on the data of the spam filter.

DIAGNOSTICS
    The errors of `filtering.memories` and `filtering.bulk_learning`, unchanged.
"""

from typing import Any

from freedombox.actions import privileged

from ..directory.mailbox import Mailbox
from ..directory.person import owner_of
from ..directory.store import PageStore
from ..directory.verbs import own
from ..filtering import bulk_learning, learned, memories, memory_file
from ..system import uploads


@privileged
def learned_leave(forget: bool, stop: bool) -> None:
    """Leave the Redis of all apps to others.

    With `forget`, what was carried over is removed there. With `stop` it is switched off
    if it holds nothing of others.
    """
    learned.learned_leave(forget, stop)


@privileged
def own_spam_look(user: str, address: str, alone: bool = False) -> dict[str, Any]:
    """The numbers of the memory of a user's mailbox."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
    return memories.learned(mailbox.memory).to_json()


@privileged
def own_spam_learn(user: str, address: str, alone: bool = False) -> dict[str, Any]:
    """Have the memory of a user's mailbox learn from stored mail."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
    return bulk_learning.learn_stored(mailbox).to_json()


@privileged
def own_spam_forget(user: str, address: str, alone: bool = False) -> None:
    """Have a user's mailbox begin with an empty memory."""
    with PageStore() as store:
        memories.forget(store, own.get_mailbox(store, owner_of(store, user, alone), address))


@privileged
def spam_look(address: str) -> dict[str, Any]:
    """The numbers of the memory of a mailbox."""
    with PageStore() as store:
        return memories.learned(store.get(Mailbox, address).memory).to_json()


@privileged
def spam_learn(address: str) -> dict[str, Any]:
    """Have the memory of a mailbox learn from stored mail."""
    with PageStore() as store:
        mailbox = store.get(Mailbox, address)
    return bulk_learning.learn_stored(mailbox).to_json()


@privileged
def spam_forget(address: str) -> None:
    """Have a mailbox begin with an empty memory."""
    with PageStore() as store:
        memories.forget(store, store.get(Mailbox, address))


@privileged
def own_spam_export(user: str, address: str, alone: bool = False) -> str:
    """The name of a file with the memory of a user's mailbox, for the web process."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
        return uploads.offer(str(memories.export(mailbox)))


@privileged
def own_spam_import(user: str, address: str, name: str, alone: bool = False) -> None:
    """Give a user's mailbox the memory in an uploaded file."""
    with PageStore() as store:
        mailbox = own.get_mailbox(store, owner_of(store, user, alone), address)
        memories.import_(store, mailbox, memory_file.parse(uploads.take(name)))
