# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mail domain, or a domain that shares all addresses of another one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from ..errors import MailError
from .address import parse_domain, unicode_domain
from .entry import Attributes, Entry, Origin, check_origin, check_text
from .old_mail import DAYS_ATTRIBUTES, check_days
from .quota import QUOTA_BYTES, bytes_of, check
from .route import check_route
from .send_limits import LIMIT_ATTRIBUTES, SendLimits

USER_ALIASES = 20
"""Aliases each user may make in a new domain: throw-away addresses need no administrator."""
MOST_USER_ALIASES = 10_000
DMARC = ('none', 'quarantine', 'reject')
MODES = ('testing', 'enforce', 'none')
DERIVED = ('fbxMailDomainUnicode', 'fbxMailEveryone', 'fbxMailTarget', QUOTA_BYTES)
"""Attributes that follow from others; the daemons ask for them."""


@dataclass(frozen=True)
class Domain(Entry):
    """One mail domain; `gone` is when FreedomBox was found to serve it no longer.

    `user_mailboxes` says whether every FreedomBox user gets a mailbox in it; None leaves that
    to whether it is the primary domain. `user_aliases` is how many aliases each user may make.
    `mta_sts` is how strict its policy for encrypted delivery is (RFC 8461), `dmarc` what others
    are asked to do with forgeries in its name (RFC 7489). `route` is the way out of its mail.
    Limits on sending hold for each of its mailboxes that has none of its own. `forwarding` says
    whether mail of its mailboxes may be forwarded to other servers; None means yes. `quota` and the
    days hold for each mailbox without its own, `total_quota` for all of them together.
    `client_host` is a name below the domain that mail apps connect to, so it can move with it.
    """

    OBJECT_CLASS: ClassVar[str] = 'fbxMailDomain'
    BRANCH: ClassVar[str] = 'domains'
    KEY: ClassVar[str] = 'name'
    NOUN: ClassVar[str] = 'domain'
    ATTRIBUTES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            'name': 'fbxMailDomainName',
            'enabled': 'fbxMailEnabled',
            'alias_of': 'fbxMailAliasOf',
            'origin': 'fbxMailOrigin',
            'note': 'fbxMailNote',
            'gone': 'fbxMailGone',
            'user_mailboxes': 'fbxMailUserMailboxes',
            'user_aliases': 'fbxMailUserAliases',
            'mta_sts': 'fbxMailMtaSts',
            'dmarc': 'fbxMailDmarc',
            **LIMIT_ATTRIBUTES,
            'route': 'fbxMailRoute',
            'forwarding': 'fbxMailForwardOutside',
            'quota': 'fbxMailQuota',
            'total_quota': 'fbxMailTotalQuota',
            **DAYS_ATTRIBUTES,
            'client_host': 'fbxMailClientHost',
        }
    )
    SEARCHED: ClassVar[tuple[str, ...]] = ('fbxMailDomainName', 'fbxMailDomainUnicode')

    name: str
    enabled: bool = True
    alias_of: str = ''
    origin: Origin = 'admin'
    note: str = ''
    gone: datetime | None = None
    user_mailboxes: bool | None = None
    user_aliases: int = 0
    mta_sts: str = MODES[0]
    dmarc: str = DMARC[0]
    recipients_hour: int = 0
    recipients_day: int = 0
    first_time_day: int = 0
    route: str = ''
    forwarding: bool | None = None
    quota: str = ''
    total_quota: str = ''
    trash_days: str = ''
    junk_days: str = ''
    client_host: str = ''

    def __post_init__(self) -> None:
        """Refuse a domain no mail could use."""
        for name in filter(None, (self.name, self.alias_of)):
            if parse_domain(name) != name:
                raise MailError('domain-invalid')
        if self.name == self.alias_of:
            raise MailError('domain-invalid.alias-of-itself')
        check_origin(self.origin)
        check_text(self.note)
        check_route(self.route)
        for value, known in ((self.mta_sts, MODES), (self.dmarc, DMARC)):
            if value not in known:
                raise MailError('policy-invalid', policies=', '.join(known))
        if not 0 <= self.user_aliases <= MOST_USER_ALIASES:
            raise MailError('limit-invalid', most=MOST_USER_ALIASES)
        SendLimits.of(self)
        check(self.quota, self.total_quota)
        check_days(self.trash_days, self.junk_days)
        if self.client_host:
            self._check_client_host()

    def _check_client_host(self) -> None:
        """Refuse a host that does not move with the domain."""
        below = self.client_host.endswith(f'.{self.name}')
        if not below or parse_domain(self.client_host) != self.client_host:
            raise MailError('client-host-invalid', domain=self.name)

    @property
    def mailboxes_choice(self) -> str:
        """Whether users get mailboxes, as forms and root's `domain_change` say it."""
        return {True: 'yes', False: 'no', None: 'default'}[self.user_mailboxes]

    def gives_mailboxes(self, primary: str) -> bool:
        """Whether every user gets a mailbox in it, given the primary domain."""
        if self.alias_of or not self.enabled:
            return False
        return self.name == primary if self.user_mailboxes is None else self.user_mailboxes

    @classmethod
    def normal_key(cls, text: str) -> str:
        """The domain `text` stands for."""
        return parse_domain(text)

    @property
    def unicode_name(self) -> str:
        """The domain as people write it."""
        return unicode_domain(self.name)

    def to_attributes(self) -> Attributes:
        """The LDAP attributes, among them the international spelling if there is one.

        Mail programs may use either spelling, so the daemons must find both. Postfix asks for
        the catch-all by the domain with an @ before it, and for the domain that really has
        the addresses. What holds in most domains is not written down.
        """
        attributes = super().to_attributes()
        for name, usual in (('mta_sts', MODES[0]), ('dmarc', DMARC[0])):
            if getattr(self, name) == usual:
                del attributes[self.ATTRIBUTES[name]]
        names = dict.fromkeys((self.name, self.unicode_name))
        attributes['fbxMailEveryone'] = tuple(f'@{name}' for name in names)
        attributes['fbxMailTarget'] = (self.alias_of or self.name,)
        if self.quota:
            attributes[QUOTA_BYTES] = bytes_of(self.quota)
        if self.unicode_name != self.name:
            attributes['fbxMailDomainUnicode'] = (self.unicode_name,)
        return attributes
