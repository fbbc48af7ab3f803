# SPDX-License-Identifier: AGPL-3.0-or-later
"""Root actions on DNS: public keys, the name server of a domain, its records."""

from typing import Any

from freedombox.actions import privileged, secret_str

from ..maintenance import dns_publishing


@privileged
def dns_facts(domain: str, host: str) -> dict[str, Any]:
    """Root's part of the facts on which a domain's records depend."""
    return dns_publishing.dns_facts(domain, host).to_json()


@privileged
def dns_provider(domain: str) -> dict[str, Any] | None:
    """The name server of a domain without its secret, None when there is none."""
    kept = dns_publishing.dns_provider(domain)
    return kept.to_json() if kept else None


@privileged
def dns_provider_set(
    domain: str, server: str, key_name: str, algorithm: str, zone: str, port: int,
    secret: secret_str, kind: str = 'rfc2136',
) -> None:  # fmt: skip
    """Keep the name server of a domain, or its hoster, and the secret it takes changes by."""
    dns_publishing.dns_provider_set(domain, server, key_name, algorithm, zone, port, secret, kind)


@privileged
def dns_provider_remove(domain: str) -> None:
    """Forget the name server of a domain."""
    dns_publishing.dns_provider_remove(domain)


@privileged
def dns_push(domain: str, really: bool) -> list[dict[str, Any]]:
    """Make a domain's zone right and return the changes; or only return them."""
    return [each.to_json() for each in dns_publishing.dns_push(domain, really)]
