# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names, addresses and packages of the lab. All of them are invented for it.

The addresses are from the networks for documentation (RFC 5737) and for benchmarks (RFC
2544): Rspamd takes private ranges for local and skips checks, so the lab must not use one.
Nine labs can run beside each other, each from its own checkout: BOX_LAB=2 ./box up
Each takes a quarter of a network only, for this machine's own network or package mirror may
stand in the rest of it, and a lab must not hide those.
"""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = Path('/var/cache/freedombox-email')
_NETWORKS = {
    '1': '198.51.100',
    '2': '203.0.113',
    '3': '198.18.3',
    '4': '198.18.4',
    '5': '198.18.5',
    '6': '198.18.6',
    '7': '198.18.7',
    '8': '198.18.8',
    '9': '198.18.9',
}
LAB = os.environ.get('BOX_LAB', '1')
if LAB not in _NETWORKS:
    raise SystemExit(f'./box: BOX_LAB is one of {", ".join(_NETWORKS)}, not {LAB!r}.')
SECOND_LAB, THIRD_LAB = (str((int(LAB) + more) % len(_NETWORKS) + 1) for more in range(2))
"""Where `./box test` runs parts of all tests."""
_PREFIX = _NETWORKS[LAB]
MACHINES_FOLDER = CACHE / 'machines' / LAB
BRIDGE = f'fbxmail{LAB}'
TABLE = f'freedombox_email_{LAB}'
PREFIX = 26
NETWORK = f'{_PREFIX}.0/{PREFIX}'
GATEWAY = f'{_PREFIX}.1'
DNS = f'{_PREFIX}.53'
OUTSIDE_IP = f'{_PREFIX}.20'
DESK = f'{_PREFIX}.60'
OUTSIDE_DOMAIN = 'outside.test'
DOMAINS = ('example.test', 'second.test')
MIRROR = 'http://deb.debian.org/debian'
SECURITY_MIRROR = 'http://deb.debian.org/debian-security'
MIRROR_NAMES = ('deb.debian.org', 'security.debian.org')


@dataclass(frozen=True)
class LabUser:
    """A person of the lab, who may log in with name and password."""

    username: str
    password: str
    domain: str

    @property
    def address(self) -> str:
        """The person's mail address."""
        return f'{self.username}@{self.domain}'


ADMIN = LabUser('tester', 'testingtesting', DOMAINS[0])
USERS = (
    LabUser('alice', 'alice-lab-password', DOMAINS[0]),
    LabUser('bob', 'bob-lab-password', DOMAINS[0]),
)
OUTSIDE_USERS = (
    LabUser('carol', 'carol-lab-password', OUTSIDE_DOMAIN),
    LabUser('dave', 'dave-lab-password', OUTSIDE_DOMAIN),
)

HOST_PACKAGES = (
    'mmdebstrap',
    'systemd-container',
    'nftables',
    'iproute2',
    'util-linux',
    'zstd',
    'debian-archive-keyring',
    'ca-certificates',
    'debhelper',
    'dh-python',
    'python3-all',
    'python3-setuptools',
    'dpkg-dev',
    'fakeroot',
    'gettext',
    'chromium',
    'python3-venv',
    'git',
    'wireguard-tools',
    'wireguard-go',
)
"""Packages of the lab on the machine it runs on, Debian 12 or 13."""

BOX_PACKAGES = (
    'systemd-sysv',
    'dbus',
    'ca-certificates',
    'iproute2',
    'curl',
    'sudo',
    'freedombox',
    'systemd-resolved',
    'libnss-resolve',
)
OUTSIDE_PACKAGES = (
    'systemd-sysv',
    'dbus',
    'iproute2',
    'postfix',
    'dovecot-imapd',
    'dovecot-lmtpd',
    'knot',
    'knot-dnsutils',
    'swaks',
    'ca-certificates',
    'ssl-cert',
    'procps',
    'rspamd',
)
LAPTOP_PACKAGES = (
    'systemd-sysv',
    'dbus',
    'iproute2',
    'ca-certificates',
    'systemd-resolved',
    'libnss-resolve',
    'thunderbird',
    'isync',
    'msmtp',
    'neomutt',
    'sieve-connect',
    'curl',
)
"""Mail programs as people use them, for the tests that set them up."""


@dataclass(frozen=True)
class Machine:
    """One container of the lab: its name, address and host name."""

    name: str
    ip: str
    hostname: str

    @property
    def folder(self) -> Path:
        """Where everything of this machine is kept."""
        return MACHINES_FOLDER / self.name

    @property
    def root(self) -> Path:
        """The machine's file system, while it is mounted."""
        return self.folder / 'root'


BOX = Machine('box', f'{_PREFIX}.10', 'box')
OUTSIDE = Machine('outside', OUTSIDE_IP, 'mail')
BUILTIN = Machine('builtin', f'{_PREFIX}.30', 'builtin')
FRESH = Machine('fresh', f'{_PREFIX}.40', 'fresh')
SERVER = Machine('server', f'{_PREFIX}.50', 'server')
LAPTOP = Machine('laptop', f'{_PREFIX}.55', 'laptop')
MACHINES = {machine.name: machine for machine in (BOX, OUTSIDE, BUILTIN, FRESH, SERVER, LAPTOP)}
