# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root's part of the facts on which a domain's records depend, asked for at its door."""

from .. import privileged
from ..dns.local_facts import DnsFacts


def of(domain: str, host: str) -> DnsFacts:
    """The facts of a domain whose mail a host takes."""
    return DnsFacts.from_json(privileged.dns_facts(domain, host))
