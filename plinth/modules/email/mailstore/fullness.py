# SPDX-License-Identifier: AGPL-3.0-or-later
"""How full mailboxes and domains are: quotas of the directory beside what is stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.quota import Quota, effective
from ..directory.store import Store

LEVELS = (95, 80)
"""Percent of a quota at which the owner is warned, the highest first."""


@dataclass(frozen=True)
class Quotas:
    """The quotas of the directory: domains by name, and mailboxes that have one of their own."""

    domains: Mapping[str, Domain] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there is a quota at all."""
        return bool(self.own) or any(
            each.quota or each.total_quota for each in self.domains.values()
        )

    def of(self, address: str) -> Quota:
        """The quota of a mailbox."""
        domain = self.domains.get(address.rpartition('@')[2])
        return effective(self.own.get(address, ''), domain.quota if domain else '')

    def total_of(self, domain: str) -> Quota:
        """The quota of all mailboxes of a domain together."""
        found = self.domains.get(domain)
        return effective(found.total_quota if found else '', '')


def quotas(store: Store) -> Quotas:
    """The quotas of the directory."""
    own = store.having(Mailbox, 'quota')
    domains = {each.name: each for each in store.search(Domain)}
    return Quotas(domains, {each.address: each.quota for each in own})


def totals(usages: Mapping[str, int]) -> dict[str, int]:
    """Storage used in each domain."""
    found: dict[str, int] = defaultdict(int)
    for address, size in usages.items():
        found[address.rpartition('@')[2]] += size
    return found


def level(used: int, quota: Quota) -> int:
    """The highest level that is reached, 0 for none."""
    most = quota.bytes
    return next((each for each in LEVELS if most and 100 * used >= each * most), 0)


def levels(quotas: Quotas, usages: Mapping[str, int]) -> dict[str, int]:
    """The mailboxes that have reached a level."""
    found = ((address, level(used, quotas.of(address))) for address, used in usages.items())
    return {address: reached for address, reached in found if reached}


@dataclass(frozen=True)
class Fullness:
    """One look at all mailboxes."""

    quotas: Quotas = field(default_factory=Quotas)
    usages: Mapping[str, int] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    least: int = 0
    """The least room any mailbox with a quota has left; below 0 if one is over."""

    def room(self, address: str) -> int | None:
        """Bytes that fit into a mailbox by its own quota, None for any number.

        A mailbox of unknown content has no room, so that Dovecot is asked.
        """
        most = self.quotas.of(address).bytes
        return most - self.usages.get(address, most) if most else None

    def total_room(self, domain: str) -> int | None:
        """Bytes that fit into all mailboxes of a domain together, None for any number."""
        most = self.quotas.total_of(domain).bytes
        return most - self.totals.get(domain, 0) if most else None

    def fits(self, address: str, size: int) -> bool:
        """Whether a message fits into a mailbox for all that is known here."""
        rooms = self.room(address), self.total_room(address.rpartition('@')[2])
        return all(room is None or size <= room for room in rooms)


def look(quotas: Quotas, usages: Mapping[str, int]) -> Fullness:
    """How full everything is."""
    found = Fullness(quotas, usages, totals(usages))
    rooms: Iterable[int | None] = (
        *map(found.room, usages), *map(found.total_room, quotas.domains)
    )  # fmt: skip
    known = [room for room in rooms if room is not None]
    return Fullness(quotas, usages, found.totals, min(known, default=2**62))
