# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names, addresses and packages of the lab. All of them are invented for it.

The addresses are from TEST-NET-2 (RFC 5737): Rspamd takes private ranges for local and
skips checks, so the lab must not use one.
"""

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = Path('/var/cache/freedombox-email')
BRIDGE = 'fbxmail0'
TABLE = 'freedombox_email'
NETWORK = '198.51.100.0/24'
PREFIX = 24
GATEWAY = '198.51.100.1'
DNS = '198.51.100.53'
OUTSIDE_IP = '198.51.100.20'
OUTSIDE_DOMAIN = 'outside.test'
DOMAINS = ('example.test', 'second.test')
MIRROR = 'http://deb.debian.org/debian'
SECURITY_MIRROR = 'http://deb.debian.org/debian-security'
MIRROR_NAMES = ('deb.debian.org', 'security.debian.org')


@dataclass(frozen=True)
class User:
    """A person of the lab, who may log in with name and password."""

    username: str
    password: str
    domain: str

    @property
    def address(self) -> str:
        """The person's mail address."""
        return f'{self.username}@{self.domain}'


ADMIN = User('tester', 'testingtesting', DOMAINS[0])
USERS = (
    User('alice', 'alice-lab-password', DOMAINS[0]),
    User('bob', 'bob-lab-password', DOMAINS[0]),
)
OUTSIDE_USERS = (
    User('carol', 'carol-lab-password', OUTSIDE_DOMAIN),
    User('dave', 'dave-lab-password', OUTSIDE_DOMAIN),
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
    'lintian',
    'chromium',
    'python3-venv',
    'git',
)
"""What the lab needs on the machine it runs on, Debian 12 or 13."""

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
)


@dataclass(frozen=True)
class Machine:
    """One container of the lab: its name, address and host name."""

    name: str
    ip: str
    hostname: str

    @property
    def folder(self) -> Path:
        """Where everything of this machine is kept."""
        return CACHE / 'machines' / self.name

    @property
    def root(self) -> Path:
        """The machine's file system, while it is mounted."""
        return self.folder / 'root'


BOX = Machine('box', '198.51.100.10', 'box')
OUTSIDE = Machine('outside', OUTSIDE_IP, 'mail')
BUILTIN = Machine('builtin', '198.51.100.30', 'builtin')
FRESH = Machine('fresh', '198.51.100.40', 'fresh')
MACHINES = {machine.name: machine for machine in (BOX, OUTSIDE, BUILTIN, FRESH)}
