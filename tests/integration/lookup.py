# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asking the lab's DNS, which this machine's own resolver doesn't know."""

import dns.resolver

from lab import settings


def txt_record(name: bytes, timeout: int = 5) -> bytes | None:
    """Look up a TXT record in the lab's DNS, as dkimpy asks for it."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [settings.DNS]
    try:
        answer = resolver.resolve(name.decode(), 'TXT', lifetime=timeout)
    except dns.resolver.NXDOMAIN:
        return None
    return b''.join(answer[0].strings)
