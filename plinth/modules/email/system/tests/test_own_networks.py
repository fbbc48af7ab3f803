# SPDX-License-Identifier: AGPL-3.0-or-later
"""The networks of this machine, as its kernel lists them."""

import ipaddress
import sys

import pytest

from .. import own_networks
from ..own_networks import Network, OwnNetworks

ROUTES = """\
Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t{default}\t{router}\t0003\t0\t0\t0\t{default}\t0\t0\t0
eth0\t{home}\t{default}\t0001\t0\t0\t0\t{mask}\t0\t0\t0
eth1\t{public}\t{default}\t0001\t0\t0\t0\t{mask}\t0\t0\t0
eth0\t{far}\t{router}\t0003\t0\t0\t0\t{mask}\t0\t0\t0
ppp0\t{default}\t{default}\t0001\t0\t0\t0\t{default}\t0\t0\t0
lo\t{home}\t{default}\t0001\t0\t0\t0\t{mask}\t0\t0\t0
"""
ADDRESSES = """\
20010db8000100020000000000000007 02 40 00 80     eth0
fe800000000000000000000000000001 02 40 20 80     eth0
20010db8000900010000000000000007 03 20 00 80    6rd0
fd000db8000000010000000000000007 04 30 00 80     wg0
00000000000000000000000000000001 01 80 10 80       lo
"""


def kernel(address: str) -> str:
    """An address as the kernel writes it."""
    return f'{int.from_bytes(ipaddress.IPv4Address(address).packed, sys.byteorder):08X}'


def routes() -> str:
    """The kernel's table of routes."""
    names = {
        'default': '0.0.0.0',
        'router': '192.168.1.1',
        'home': '192.168.1.0',
        'public': '8.8.8.0',
        'far': '10.1.1.0',
        'mask': '255.255.255.0',
    }
    return ROUTES.format(**{name: kernel(address) for name, address in names.items()})


def test_private_networks_of_interfaces_are_ours() -> None:
    found = list(own_networks.in_ipv4(routes()))
    assert found == [ipaddress.ip_network('192.168.1.0/24')]


def test_networks_of_our_addresses_are_ours() -> None:
    found = list(own_networks.in_ipv6(ADDRESSES))
    assert ipaddress.ip_network('2001:db8:1:2::/64') in found
    assert not any(ipaddress.ip_address('::1') in each for each in found)


@pytest.mark.parametrize(
    ('address', 'is_own'),
    [
        ('192.168.1.77', True),
        ('::ffff:192.168.1.77', True),
        ('192.168.2.77', False),
        ('2001:db8:1:2::99', True),
        ('2001:db8:1:3::99', False),
        ('2001:db8:9:1::99', True),
        ('2001:db8:9:2::99', False),
        ('fd00:db8:0:2::99', True),
        ('fd00:db8:1::99', False),
        ('fe80::1%eth0', True),
        ('', False),
        ('192.168.1.77 or 192.0.2.1', False),
    ],
)
def test_whose_an_address_is(address: str, is_own: bool) -> None:
    networks: tuple[Network, ...] = (
        *own_networks.in_ipv4(routes()),
        *own_networks.in_ipv6(ADDRESSES),
    )
    assert OwnNetworks(look=lambda: networks).hold(address) is is_own


def test_networks_are_looked_up_once_a_minute() -> None:
    now, looks = [100.0], []

    def look() -> tuple[Network, ...]:
        looks.append(now[0])
        return ()

    own = OwnNetworks(lambda: now[0], look)
    for _again in range(3):
        own.hold('192.0.2.1')
    now[0] += 61
    own.hold('192.0.2.1')
    assert looks == [100.0, 161.0]


def test_this_machine_has_readable_tables() -> None:
    assert own_networks._present()


def test_the_router_is_the_gateway_of_the_rest_of_the_internet() -> None:
    assert own_networks.gateway_in(routes()) == '192.168.1.1'
    alone = '\n'.join(line for line in routes().splitlines() if kernel('192.168.1.1') not in line)
    assert own_networks.gateway_in(alone) == ''
    assert own_networks.gateway_in('') == ''
