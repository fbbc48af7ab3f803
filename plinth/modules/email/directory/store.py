# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail directory: reads and writes the entries below ou=mail in FreedomBox's slapd.

    with Store() as store:
        store.get(Mailbox, 'alice@example.org')

Everything given in is parsed or escaped before it becomes part of a name or a filter.
A `change` names the entry as it was seen, so two people changing the same entry cannot
overwrite each other: the second one gets the error `entry-changed`. Verbs that write after they
have looked are one act each: see `acts`.
"""

from .acts import PAGE_SECONDS
from .secrets import Secrets


class Store(Secrets):
    """The mail directory, as the user this process runs as; use it as a context manager."""


class PageStore(Store):
    """The directory for verbs that a page waits for: it gives up soon when others are writing."""

    patience: float | None = PAGE_SECONDS
