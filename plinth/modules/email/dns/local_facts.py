# SPDX-License-Identifier: AGPL-3.0-or-later
"""Facts about this box on which DNS records depend."""

import ipaddress
import pathlib
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from ..directory.domain import Domain
from ..directory.routing import ways_out
from ..directory.store import Store
from ..errors import MailError
from ..system import certificates
from ..system.json_value import JsonValue
from . import tlsa
from .compare import is_private
from .memory import Memory
from .records import Key, Site

_FAR = ((socket.AF_INET, '192.0.2.1'), (socket.AF_INET6, '2001:db8::1'))
"""Addresses without a host: nothing is sent there, the kernel only says which way it would go."""
_INTERFACES = pathlib.Path('/proc/net/if_inet6')
_PASSING = 0x01 | 0x20 | 0x40
"""Marks of the kernel on an IPv6 address: temporary, deprecated, not sure yet."""


def lasting(address: str, table: str) -> str:
    """An address that stays, of the interface that has this one.

    For privacy the kernel may use an IPv6 address that changes every day. `table` is the
    kernel's list of addresses, with interface and marks.
    """
    rows = [line.split() for line in table.splitlines()]
    spelled = {str(ipaddress.IPv6Address(int(row[0], 16))): row for row in rows}
    ours = spelled.get(address)
    if ours is None or not int(ours[4], 16) & _PASSING:
        return address
    for other, row in spelled.items():
        if row[1] == ours[1] and row[3] == '00' and not int(row[4], 16) & _PASSING:
            return other
    return address


def _used_for(family: socket.AddressFamily, far: str) -> str:
    """The address this box would use to reach another one, '' when it cannot."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((far, 53))
        except OSError:
            return ''
        address = str(probe.getsockname()[0])
    return lasting(address, _INTERFACES.read_text(encoding='ascii')) if ':' in address else address


def is_behind_router() -> bool:
    """Whether this box has a private IPv4 address, which a router translates."""
    address = _used_for(*_FAR[0])
    return bool(address) and is_private(address)


def own_addresses() -> tuple[str, ...]:
    """The public addresses of this box.

    Behind a router it cannot know one: then it is what others told it last.
    """
    seen = [address for family, far in _FAR if (address := _used_for(family, far))]
    public = [address for address in seen if not is_private(address)]
    told = [
        each for each in Memory().addresses()
        if not any((':' in each) == (':' in other) for other in public)
    ]  # fmt: skip
    return (*sorted((*public, *told), key=lambda address: ':' in address),)


def mail_domains() -> tuple[dict[str, Domain], str]:
    """The mail domains in use by their names, and the name of the primary one."""
    with Store() as store:
        found = {domain.name: domain for domain in store.search(Domain) if domain.enabled}
        return found, store.settings().primary_domain


def domains() -> tuple[list[str], str]:
    """The names of the mail domains in use and the primary one."""
    found, primary = mail_domains()
    return list(found), primary


def find(name: str) -> tuple[Domain, str]:
    """A domain of this box, and the host that takes its mail."""
    with Store() as store:
        domain = store.find(Domain, name)
        primary = store.settings().primary_domain
    if domain is None:
        raise MailError('domain-missing.no-mail-domain', name=name)
    return domain, primary or domain.name


@dataclass(frozen=True)
class DnsFacts(JsonValue):
    """The facts on which a domain's records depend and that only root can see."""

    keys: tuple[Key, ...] = ()
    """Signing keys whose records must be there."""
    next_keys: tuple[str, ...] = ()
    """Sums of the keys of certificates that are about to be shown."""
    web_names: tuple[str, ...] = ()
    """Names the web server has a certificate for."""


def site(domain: Domain, host: str, facts: DnsFacts) -> Site:
    """The site of a domain, on which its records depend."""
    live = certificates.of(host)
    with Store() as store:
        ways = ways_out(store, domain.name)
    sums = _distinct([*([live.key_sum] if live else []), *facts.next_keys])
    return Site(
        domain.name, host, own_addresses(), facts.keys, sums, domain.mta_sts, domain.dmarc,
        facts.web_names, tlsa.forms(live.chain) if live else (), ways.sender_rules, ways.direct,
        ways.needs_direct, domain.client_host,
    )  # fmt: skip


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
