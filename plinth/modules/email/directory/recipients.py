# SPDX-License-Identifier: AGPL-3.0-or-later
"""The recipients of a domain, which an administrator decides for each but the first.

The answer is what the domain says anyway: it is an alias of another one, every user has a
mailbox in it, or expressly not. So it is saved and restored with the directory, and the command
gives it too. A domain that says nothing is undecided until it has an address of its own.
"""

import enum

from .domain import Domain
from .store import Store


class Recipients(enum.Enum):
    """The recipients of a domain."""

    PEOPLE = 'people'
    UNDECIDED = 'undecided'
    NONE = 'none'
    """An administrator said that there are none; standard addresses work all the same."""


def of_domain(store: Store, domain: Domain, primary: str) -> Recipients:
    """The recipients of a domain; in one that is off nothing is to be decided."""
    is_decided = domain.alias_of or not domain.enabled or domain.name == primary
    if is_decided or domain.gives_mailboxes(primary) or store.has_addresses(domain.name):
        return Recipients.PEOPLE
    return Recipients.UNDECIDED if domain.user_mailboxes is None else Recipients.NONE
