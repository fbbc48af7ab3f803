# SPDX-License-Identifier: AGPL-3.0-or-later
"""A relay: a mail server elsewhere that takes our mail after a login and passes it on.

Its password is no part of the directory; `sending/relay_secrets.py` keeps it.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from ..errors import MailError
from .address import parse_domain
from .entry import Entry, check_text
from .route import check_relay_name

TLS = ('starttls', 'implicit', 'none')
"""Encryption that begins on request (port 587), with the connection (465), or not at all."""
PORT = 587
MOST_BACKUPS = 4
LONGEST_LOGIN = 200
_SPF = re.compile(r'(?:include|a|ip4|ip6):[A-Za-z0-9._:/-]{1,200}')


_INTERNAL = tuple(
    map(
        ipaddress.ip_network,
        ('10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12',
         '192.168.0.0/16', '::1/128', 'fc00::/7', 'fe80::/10'),
    )
)  # fmt: skip
"""Networks no other mail server sees a relay in."""


def _is_internal(host: str) -> bool:
    """Whether a host is named by a number that means nothing to other servers."""
    return _is_address(host) and any(ipaddress.ip_address(host) in each for each in _INTERNAL)


def _is_address(host: str) -> bool:
    """Whether a host is named by its number."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def parse_host(text: str) -> str:
    """The name or the number of a host in its normal form."""
    bare = text.strip().strip('[]')
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        name = parse_domain(bare)
        if '.' not in name:
            raise MailError('relay-invalid.host') from None
        return name


@dataclass(frozen=True)
class Relay(Entry):
    """One relay; `backups` are the names of others to try when it cannot be reached, in order.

    With `verify` its certificate must be valid for its name. `spf` is the mechanism by which a
    domain lets it send (RFC 7208), '' for that of its host;
    a relay with an internal address, as at the end of a tunnel, needs one.
    """

    OBJECT_CLASS: ClassVar[str] = 'fbxMailRelay'
    BRANCH: ClassVar[str] = 'relays'
    KEY: ClassVar[str] = 'name'
    NOUN: ClassVar[str] = 'relay'
    ATTRIBUTES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            'name': 'fbxMailRelayName',
            'host': 'fbxMailRelayHost',
            'port': 'fbxMailRelayPort',
            'tls': 'fbxMailRelayTls',
            'verify': 'fbxMailRelayVerify',
            'login': 'fbxMailRelayLogin',
            'backups': 'fbxMailRelayBackups',
            'spf': 'fbxMailRelaySpf',
            'note': 'fbxMailNote',
        }
    )
    SEARCHED: ClassVar[tuple[str, ...]] = ('fbxMailRelayName', 'fbxMailRelayHost')

    name: str
    host: str
    port: int = PORT
    tls: str = TLS[0]
    verify: bool = True
    login: str = ''
    backups: str = ''
    spf: str = ''
    note: str = ''

    def __post_init__(self) -> None:
        """Refuse a relay that could not be reached, or would be told a password in the open."""
        check_relay_name(self.name)
        if parse_host(self.host) != self.host:
            raise MailError('relay-invalid.host')
        if not 1 <= self.port <= 65535:
            raise MailError('port-invalid')
        if self.tls not in TLS:
            raise MailError('relay-invalid.tls')
        self._check_login()
        self._check_backups()
        if self.spf and not _SPF.fullmatch(self.spf):
            raise MailError('relay-invalid.spf')
        if not self.spf and _is_internal(self.host):
            raise MailError('relay-invalid.internal')
        check_text(self.note)

    def _check_login(self) -> None:
        check_text(self.login, LONGEST_LOGIN)
        if ':' in self.login or self.login != self.login.strip():
            raise MailError('relay-invalid.login')
        if self.login and self.tls == 'none':
            raise MailError('relay-invalid.open-login')
        if self.verify and self.tls != 'none' and _is_address(self.host):
            raise MailError('relay-invalid.no-name')

    def _check_backups(self) -> None:
        names = self.backup_names
        for name in names:
            check_relay_name(name)
        if len(names) > MOST_BACKUPS or len({self.name, *names}) <= len(names):
            raise MailError('relay-invalid.backups', most=MOST_BACKUPS)
        if ' '.join(names) != self.backups:
            raise MailError('relay-invalid.backups', most=MOST_BACKUPS)

    @classmethod
    def normal_key(cls, text: str) -> str:
        """The name `text` stands for."""
        name = text.strip().lower()
        check_relay_name(name)
        return name

    @property
    def backup_names(self) -> tuple[str, ...]:
        """The names of its backups."""
        return tuple(self.backups.split())

    @property
    def destination(self) -> str:
        """The place as Postfix names it: this host and no other, at this port."""
        return f'[{self.host}]:{self.port}'

    @property
    def sender_rule(self) -> str:
        """The mechanism of SPF by which a domain lets it send."""
        if self.spf:
            return self.spf
        if not _is_address(self.host):
            return f'a:{self.host}'
        return f'ip{6 if ":" in self.host else 4}:{self.host}'


def chain(relay: Relay, relays: Mapping[str, Relay]) -> tuple[Relay, ...]:
    """A relay and its backups, in the order they are tried."""
    return (relay, *(relays[name] for name in relay.backup_names if name in relays))
