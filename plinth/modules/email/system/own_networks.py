# SPDX-License-Identifier: AGPL-3.0-or-later
"""The networks this machine is in, as the kernel lists them.

They are those of its interfaces: in IPv4 private ones only, because a public one has strangers in
it, in IPv6 those of its own addresses. A public network of IPv6 is no larger than a household, as
a tunnel (6rd) names that of the whole provider.
"""

import ipaddress
import pathlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_FOLDER = pathlib.Path('/proc/self/net')
_SECONDS = 60.0
_LOOPBACK = 'lo'
_LINK_LOCAL = ipaddress.ip_network('fe80::/10')
_UNIQUE_LOCAL = ipaddress.ip_network('fc00::/7')
_HOUSEHOLD = 64
_NO_GATEWAY = '00000000'


def in_ipv4(table: str) -> Iterator[Network]:
    """Private networks that are reached without a gateway, from the kernel's table of routes."""
    for line in table.splitlines()[1:]:
        words = line.split()
        if words[0] == _LOOPBACK or words[2] != _NO_GATEWAY:
            continue
        address, mask = _address(words[1]), _address(words[7])
        network = ipaddress.IPv4Network(f'{address}/{mask}', strict=False)
        if network.prefixlen and network.is_private:
            yield network


def _address(text: str) -> ipaddress.IPv4Address:
    """An address in a table of the kernel, whose bytes are in the order of the machine."""
    return ipaddress.IPv4Address(int(text, 16).to_bytes(4, sys.byteorder))


def gateway_in(table: str) -> str:
    """The router the internet is reached by, from the kernel's table of routes; '' without one."""
    for line in table.splitlines()[1:]:
        words = line.split()
        if words[1] == _NO_GATEWAY and words[2] != _NO_GATEWAY:
            return str(_address(words[2]))
    return ''


def gateway() -> str:
    """The router the internet is reached by over IPv4, '' where none can be seen."""
    try:
        return gateway_in((_FOLDER / 'route').read_text(encoding='ascii'))
    except (OSError, ValueError, IndexError):
        return ''


def in_ipv6(table: str) -> Iterator[Network]:
    """Networks of the addresses in the kernel's table of addresses."""
    yield _LINK_LOCAL
    for line in table.splitlines():
        address, _index, prefix, _scope, _flags, name = line.split()
        if name != _LOOPBACK:
            found = ipaddress.IPv6Address(int(address, 16))
            fewest = 0 if found in _UNIQUE_LOCAL or found in _LINK_LOCAL else _HOUSEHOLD
            yield ipaddress.IPv6Network((found, max(int(prefix, 16), fewest)), strict=False)


def _present() -> tuple[Network, ...]:
    """The networks there are now; none that cannot be read."""
    found: list[Network] = []
    for name, read in (('route', in_ipv4), ('if_inet6', in_ipv6)):
        try:
            found += read((_FOLDER / name).read_text(encoding='ascii'))
        except (OSError, ValueError, LookupError):
            continue
    return tuple(found)


@dataclass
class OwnNetworks:
    """The networks of this machine, looked up once a minute."""

    clock: Callable[[], float] = time.monotonic
    look: Callable[[], tuple[Network, ...]] = _present
    _found: tuple[Network, ...] = ()
    _until: float = field(default=0.0)

    def all(self) -> tuple[Network, ...]:
        """The networks as of a minute ago at most."""
        if self.clock() >= self._until:
            self._found, self._until = self.look(), self.clock() + _SECONDS
        return self._found

    def hold(self, address: str) -> bool:
        """Whether an address is in one of them; a text that is none is not."""
        try:
            found = ipaddress.ip_address(address.partition('%')[0])
        except ValueError:
            return False
        plain = getattr(found, 'ipv4_mapped', None) or found
        return any(plain in network for network in self.all() if network.version == plain.version)
