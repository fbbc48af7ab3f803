# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings of a mail program: servers, ports, encryption and user name.

Every page and answer that names them takes them from here.
"""

import enum
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime

from ..directory.address import parse_domain
from ..directory.domain import Domain
from ..directory.store import Store
from ..dns import local_facts
from ..dns.checks import covers
from ..errors import MailError
from ..system import certificates

PREFIXES = ('autoconfig.', 'autodiscover.')
"""Names in front of a mail domain under which programs ask for its settings."""


class Security(enum.Enum):
    """The encryption of a connection, as mail programs call it."""

    TLS = 'SSL/TLS'
    STARTTLS = 'STARTTLS'


@dataclass(frozen=True)
class Server:
    """A service mail programs connect to; the user name is always the whole address."""

    kind: str
    port: int
    security: Security = Security.TLS


IMAP = Server('imap', 993)
POP3 = Server('pop3', 995)
SUBMISSIONS = Server('smtp', 465)
SUBMISSION = Server('smtp', 587, Security.STARTTLS)
SIEVE = Server('sieve', 4190, Security.STARTTLS)
INCOMING = (IMAP, POP3)
OUTGOING = (SUBMISSIONS, SUBMISSION)
"""Of several servers the first is the one to use."""


@dataclass(frozen=True)
class ClientSettings:
    """The settings for the addresses of a domain; `host` is the name of all servers."""

    domain: str
    host: str

    def __post_init__(self) -> None:
        """Refuse names that are not in their normal form."""
        for name in (self.domain, self.host):
            if parse_domain(name) != name:
                raise ValueError(f'Not in normal form: {name!r}')


def is_trusted(name: str) -> bool:
    """Whether mail services show a certificate for a name that programs accept."""
    found = certificates.of(name)
    if found is None or not found.trusted or not found.expires:
        return False
    valid = found.expires > datetime.now(UTC)
    return valid and any(covers(pattern, name) for pattern in found.names)


def host_of(domain: str, primary: str, chosen: str = '') -> str:
    """The name programs connect to, which is one with a certificate they accept if there is one.

    The first is the name `chosen` for the domain, then the primary domain, then the domain.
    """
    names = [name for name in (chosen, primary, domain) if name]
    return next(filter(is_trusted, names), primary or domain)


def settings_of(store: Store, domain: str) -> ClientSettings:
    """The settings for the addresses of a domain."""
    found = store.find(Domain, domain)
    chosen = found.client_host if found else ''
    return ClientSettings(domain, host_of(domain, store.settings().primary_domain, chosen))


def host_for(store: Store, login: str) -> str:
    """The name to connect to for an address; the primary domain where there is none."""
    if not login:
        return store.settings().primary_domain
    return settings_of(store, login.rpartition('@')[2]).host


def _domain(text: str) -> str:
    """A domain in its normal form, '' for anything else."""
    try:
        return parse_domain(text)
    except MailError:
        return ''


def _is_number(name: str) -> bool:
    """Whether a host is an address of the internet protocol, IPv6 ones in brackets."""
    try:
        ipaddress.ip_address(name.strip('[]'))
    except ValueError:
        return False
    return True


def domain_asked(address: str, name: str) -> str:
    """The domain a question is about: that of the address, else of the name that was asked.

    Both come from strangers. '' when there is none.
    """
    if address:
        _local, at, domain = address.rpartition('@')
        return _domain(domain) if at else ''
    asked = name.lower()
    prefix = next((each for each in PREFIXES if asked.startswith(each)), '')
    return _domain(asked.removeprefix(prefix))


def find(address: str, name: str) -> ClientSettings | None:
    """The settings for an address, or for the domain of the name asked; None if not ours.

    The answer never depends on what stands before the @, so no one learns from it which mailboxes
    there are. A question by the number of this box alone is about the primary domain.
    """
    domains, primary = local_facts.mail_domains()
    domain = primary if not address and _is_number(name) else domain_asked(address, name)
    found = domains.get(domain)
    host = host_of(domain, primary, found.client_host) if found else ''
    return ClientSettings(domain, host) if found else None
