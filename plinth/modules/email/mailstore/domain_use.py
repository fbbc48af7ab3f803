# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storage used by the mailboxes of a domain, by the notes on each (`usage`)."""

from dataclasses import dataclass

from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.quota import effective
from ..directory.store import Store
from ..system.json_value import JsonValue
from . import usage_refresh
from .usage import Usages

MOST_SHOWN = 5


@dataclass(frozen=True)
class DomainUse(JsonValue):
    """Bytes used in a domain, its quota in bytes (0 for none) and as entered, largest mailboxes."""

    domain: str
    bytes: int
    quota: int
    quota_text: str
    largest: tuple[tuple[str, int], ...]

    @property
    def percent(self) -> int:
        """Used part of the quota."""
        return 100 * self.bytes // self.quota if self.quota else 0


def of_domain(store: Store, text: str) -> DomainUse:
    """Storage used in a domain."""
    domain = store.get(Domain, text)
    usage_refresh.refresh_if_possible(f'*@{domain.name}')
    usages = Usages().look()
    sizes = [(usages.get(each.address, 0), each.address)
             for each in store.in_domain(Mailbox, domain.name)]  # fmt: skip
    quota = effective(domain.total_quota, '')
    largest = tuple((address, size) for size, address in sorted(sizes, reverse=True) if size)
    return DomainUse(
        domain.name, sum(size for size, _address in sizes), quota.bytes, domain.total_quota,
        largest[:MOST_SHOWN],
    )  # fmt: skip
