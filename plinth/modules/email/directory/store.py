# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail directory: reads and writes the entries below ou=mail in FreedomBox's slapd.

    with Store() as store:
        store.get(Mailbox, 'alice@example.org')

Everything given in is parsed or escaped before it becomes part of a name or a filter.
A `change` names the entry as it was seen, so two people changing the same entry cannot
overwrite each other: the second one gets the error `entry-changed`. Verbs that write after they
have looked are one act each: see `acts`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from .acts import PAGE_SECONDS
from .reading import EntryType
from .secrets import Secrets

Rest = ParamSpec('Rest')


class Store(Secrets):
    """The mail directory, as the user this process runs as; use it as a context manager."""


class PageStore(Store):
    """The directory for verbs that a page waits for: it gives up soon when others are writing."""

    patience: float | None = PAGE_SECONDS


def storing(
    verb: Callable[Concatenate[Store, Rest], EntryType],
) -> Callable[Concatenate[Store, Rest], EntryType]:
    """The verb as one act, and the entry it gives as that is stored then, with its version."""

    @wraps(verb)
    def whole(store: Store, /, *arguments: Rest.args, **options: Rest.kwargs) -> EntryType:
        with store.exclusive():
            with store.transaction():
                entry = verb(store, *arguments, **options)
            return entry if store.is_acting else store.get(type(entry), entry.key)

    return whole
