# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses of a mailbox, by which an automatic reply knows that mail is for its owner."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..directory.address import unicode_domain
from ..directory.alias import Alias
from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.store import Store

MOST_ADDRESSES = 200
_MOST_STEPS = 5


@dataclass(frozen=True)
class OwnAddresses:
    """Addresses whose mail comes to a mailbox: itself and those it may send as, and the others."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


NO_ADDRESSES = OwnAddresses()


def _may_send_as(mailbox: Mailbox, alias: Alias) -> bool:
    """Whether the owner of a mailbox may send as an alias."""
    is_owners = bool(mailbox.owner_id) and alias.owner_id == mailbox.owner_id
    return is_owners or mailbox.owns(alias) or mailbox.address in alias.senders


def _leading_to(store: Store, mailbox: Mailbox) -> Iterator[Alias]:
    """Yield single addresses whose mail comes to a mailbox by aliases."""
    seen, step = {mailbox.address}, [mailbox.address]
    for _number in range(_MOST_STEPS):
        aliases = store.find_many(Alias, step, 'destinations').values()
        new = [each for each in aliases if each.enabled and each.address not in seen]
        step = [each.address for each in new]
        seen.update(step)
        yield from (each for each in new if '*' not in each.address)
        if not step or len(seen) > MOST_ADDRESSES:
            return


def _in_domains(addresses: Iterable[str], domains: Iterable[Domain]) -> tuple[str, ...]:
    """Addresses in all domains that share them, and in the written form of each."""
    shared: dict[str, list[str]] = {}
    for domain in domains:
        names = (domain.name, unicode_domain(domain.name))
        shared.setdefault(domain.alias_of or domain.name, []).extend(names)
    found: dict[str, None] = {}
    for address in addresses:
        local, _at, own = address.rpartition('@')
        found.update(dict.fromkeys(f'{local}@{name}' for name in (own, *shared.get(own, ()))))
    return tuple(found)[:MOST_ADDRESSES]


def addresses_of(store: Store, mailbox: Mailbox) -> OwnAddresses:
    """All single addresses of a mailbox: its own, its aliases, and both in alias domains.

    Patterns are no addresses. Of too many the last ones are left out.
    """
    aliases = sorted(_leading_to(store, mailbox), key=lambda alias: alias.address)
    own = [each.address for each in aliases if _may_send_as(mailbox, each)]
    others = [each.address for each in aliases if not _may_send_as(mailbox, each)]
    domains = store.search(Domain)
    return OwnAddresses(_in_domains([mailbox.address, *own], domains), _in_domains(others, domains))
