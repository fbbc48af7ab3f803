# SPDX-License-Identifier: AGPL-3.0-or-later
"""The facts about this box that its daemons' files depend on.

Who may receive, send and log in is *not* among them: the daemons ask the directory
themselves. Facts are only what a daemon must be told in its files: names it announces,
certificates it opens at start, and how much machine there is to share out.
"""

from dataclasses import dataclass, field

from ..errors import MailError
from .ways_out import Routing

POSTFIX_CERTIFICATES = '/etc/postfix/letsencrypt'
DOVECOT_CERTIFICATES = '/etc/dovecot/letsencrypt'

_NAME = frozenset('abcdefghijklmnopqrstuvwxyz0123456789.-')


def check_name(name: str) -> None:
    """Refuse a name that could mean more than a name inside a daemon's file."""
    if not name or len(name) > 253 or not set(name) <= _NAME or name[0] in '.-':
        raise MailError('name-invalid', repr(name[:80]))


@dataclass(frozen=True, order=True)
class CertificateFiles:
    """A domain whose certificate files stand where FreedomBox copies them."""

    domain: str

    def __post_init__(self) -> None:
        """Refuse a name that cannot be a path."""
        check_name(self.domain)

    @property
    def chain(self) -> str:
        """Postfix's file: the key, then the certificates."""
        return f'{POSTFIX_CERTIFICATES}/{self.domain}/chain.pem'

    @property
    def certificate(self) -> str:
        """Dovecot's certificate file."""
        return f'{DOVECOT_CERTIFICATES}/{self.domain}/cert.pem'

    @property
    def key(self) -> str:
        """Dovecot's key file."""
        return f'{DOVECOT_CERTIFICATES}/{self.domain}/privkey.pem'


@dataclass(frozen=True, order=True)
class Signer:
    """A key mail of a domain is signed with, by its name in DNS."""

    domain: str
    selector: str

    def __post_init__(self) -> None:
        """Refuse names that cannot be part of a path."""
        check_name(self.domain)
        check_name(self.selector)


@dataclass(frozen=True)
class Facts:
    """One look at the box; equal facts give equal files.

    `domains` are all mail domains as A-labels, `certificates` those with files in place,
    `reports_user` the numbers of the user and group that read reports, `signers` the keys in
    use, `routing` the ways mail leaves by. `own_port_25` tells that an administrator gave the
    service on port 25 options of their own, `subjects` that they want those of messages logged,
    `components` which optional parts are installed.
    """

    primary_domain: str | None
    domains: tuple[str, ...]
    certificates: tuple[CertificateFiles, ...]
    hostname: str
    cores: int
    memory_mb: int
    reports_user: tuple[int, int]
    signers: tuple[Signer, ...] = ()
    own_port_25: bool = False
    routing: Routing = field(default_factory=Routing)
    subjects: bool = False
    components: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse facts that cannot be, and put lists in one order."""
        for name in self.domains:
            check_name(name)
        check_name(self.hostname)
        if self.primary_domain is not None and self.primary_domain not in self.domains:
            raise ValueError('The primary domain must be one of the domains.')
        if min(self.reports_user) < 100:
            raise ValueError("Strangers' reports are read by a user without rights.")
        if self.cores < 1 or self.memory_mb < 1:
            raise ValueError('A box has at least one core and some memory.')
        object.__setattr__(self, 'domains', tuple(sorted(set(self.domains))))
        object.__setattr__(self, 'certificates', tuple(sorted(set(self.certificates))))
        # RSA first, which all servers can check: some look at the first signatures only.
        object.__setattr__(self, 'signers', tuple(sorted(set(self.signers), reverse=True)))

    @property
    def local_names(self) -> tuple[str, ...]:
        """The names that mean this machine and are no mail domains."""
        names = {'localhost', 'localhost.localdomain', self.hostname, self.hostname.split('.')[0]}
        return tuple(sorted(names - set(self.domains)))

    @property
    def host_names(self) -> tuple[str, ...]:
        """Names no other host has: many are called `localhost` or a single word."""
        names = self.local_names
        return tuple(name for name in names if '.' in name and not name.startswith('localhost.'))

    @property
    def scanners(self) -> int:
        """How many processes may scan mail: one for two cores, as far as memory goes.

        A message costs as much work elsewhere as in the scanner: on two cores a second one
        brought no more messages per second and took 25 MiB.
        """
        return max(1, min(self.cores // 2, 4, self.memory_mb // 900))

    @property
    def default_certificate(self) -> CertificateFiles | None:
        """The certificate for clients that name no domain."""
        for certificate in self.certificates:
            if certificate.domain == self.primary_domain:
                return certificate
        return None
