# SPDX-License-Identifier: AGPL-3.0-or-later
"""The DNS records a mail domain needs.

`wanted` makes them from a `Site`, which is everything they depend on. It looks at nothing
else, so what is live (which signing keys, which certificate) is for the caller to say.
"""

import enum
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy

from ..directory.address import parse_domain
from ..directory.alias import REPORTS
from ..directory.box_names import is_public
from ..directory.domain import DMARC, MODES
from ..system.json_value import JsonValue
from ..words import records as titles

LONGEST_STRING = 255
"""Bytes one string of a TXT record can hold (RFC 1035); longer values are several strings."""
ISSUER = 'letsencrypt.org'
TTL = 3600
_HEX = frozenset('0123456789abcdef')
_BASE64 = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=')


class Severity(enum.Enum):
    """The consequence of a missing record."""

    NEEDED = 'needed'
    """Mail is lost or refused."""
    ADVISED = 'advised'
    """Mail may be taken for spam, or forged."""
    OPTIONAL = 'optional'
    """Mail works; something is less convenient or less safe."""


@dataclass(frozen=True)
class Key(JsonValue):
    """A signing key: its name in DNS, its kind and its public half in base64.

    `stage` says whether it signs now (live), will sign (next), or did (old).
    """

    selector: str
    public: str
    kind: str = 'rsa'
    stage: str = 'live'

    def __post_init__(self) -> None:
        """Refuse text that could not stand in a record."""
        parse_domain(f'{self.selector}.test')
        if self.kind not in ('rsa', 'ed25519') or self.stage not in ('live', 'next', 'old'):
            raise ValueError(f'Not a signing key: {self}')
        if not self.public or set(self.public) - _BASE64:
            raise ValueError(f'Not a signing key: {self}')


@dataclass(frozen=True)
class Site:
    """Everything the records of a domain depend on.

    `host` is the machine that takes the mail, `addresses` its public addresses as far as it
    knows them, `certificate_keys` the SHA-256 sums of its certificate's key and the next one.
    """

    domain: str
    host: str
    addresses: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    certificate_keys: tuple[str, ...] = ()
    mta_sts_mode: str = 'testing'
    dmarc_policy: str = 'none'
    web_names: tuple[str, ...] = ()
    """Names in front of the domain for which the web server has a certificate."""
    certificate_forms: tuple[str, ...] = ()
    """All TLSA records that match the certificate mail services show."""
    sender_rules: tuple[str, ...] = ()
    """Mechanisms of SPF that let relays send its mail."""
    sends_directly: bool = True
    """Whether some of its mail leaves this box without a relay."""
    needs_direct: bool = True
    """Whether some of its mail can leave in no other way."""
    client_host: str = ''
    """The name below the domain that mail apps connect to, '' where that is the host."""

    def __post_init__(self) -> None:
        """Refuse names and values that could mean more than they should in a zone."""
        for name in (self.domain, self.host, *self.web_names, self.client_host or self.host):
            if parse_domain(name) != name:
                raise ValueError(f'Not in normal form: {name!r}')
        if any(len(each) != 64 or set(each) - _HEX for each in self.certificate_keys):
            raise ValueError('A certificate key is told by 64 hexadecimal digits.')
        if self.mta_sts_mode not in MODES:
            raise ValueError(f'No such mode: {self.mta_sts_mode!r}')
        if self.dmarc_policy not in DMARC:
            raise ValueError(f'No such policy: {self.dmarc_policy!r}')

    @property
    def is_hidden(self) -> bool:
        """Whether the domain is of the Tor or a home network, which have no public DNS."""
        return not is_public(self.domain)

    @property
    def spf(self) -> str:
        """The rules that let its mail be sent by all ways it can take (RFC 7208)."""
        own = ('mx',) if self.sends_directly else ()
        return ' '.join(('v=spf1', *own, *self.sender_rules, '~all'))

    @property
    def above(self) -> tuple[str, ...]:
        """The domains above this one, the nearest first, down to two labels."""
        labels = self.domain.split('.')
        return tuple('.'.join(labels[start:]) for start in range(1, len(labels) - 1))

    @property
    def policy(self) -> str:
        """The text of the policy file for encrypted delivery (MTA-STS, RFC 8461)."""
        lines = ['version: STSv1', f'mode: {self.mta_sts_mode}', f'mx: {self.host}']
        return '\r\n'.join([*lines, 'max_age: 604800', ''])

    @property
    def policy_id(self) -> str:
        """The name of this version of the policy: it changes whenever the text does."""
        return hashlib.sha256(self.policy.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Record:
    """One record, with its title and purpose.

    `role` tells records apart for programs. A value can be empty: an address that only the
    owner of the internet connection knows.
    """

    role: str
    name: str
    kind: str
    value: str
    title: str | Promise
    purpose: str | Promise
    severity: Severity = Severity.NEEDED
    absence: str = ''
    """The code of the verdict when it is not there, where the severity does not say it all."""

    @property
    def text(self) -> str:
        """The value as zone files spell it."""
        return quoted(self.value) if self.kind == 'TXT' else self.value

    def label(self, zone: str) -> str:
        """The name as most providers ask for it: without the zone, `@` for itself."""
        if self.name == zone:
            return '@'
        return self.name.removesuffix(f'.{zone}')

    def is_in(self, zone: str) -> bool:
        """Whether the record is in this zone and not in another one."""
        return self.name == zone or self.name.endswith(f'.{zone}')


def quoted(value: str) -> str:
    """A text as the strings of a TXT record, none longer than DNS allows."""
    data = value.encode()
    starts = range(0, len(data), LONGEST_STRING) if data else range(1)
    strings = (data[start : start + LONGEST_STRING] for start in starts)
    return ' '.join(f'"{"".join(map(_escaped, string))}"' for string in strings)


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character in '"\\':
        return f'\\{character}'
    return character if 32 <= byte < 127 else f'\\{byte:03d}'


def wanted(site: Site) -> tuple[Record, ...]:
    """The records of a domain, the most important first."""
    if site.is_hidden:
        return ()
    return (
        *_delivery(site),
        *_trust(site),
        *_encryption(site),
        *_programs(site),
    )


def _leads_here(site: Site, prefix: str) -> bool:
    """Whether a name has to be led to the mail host, which it may be itself."""
    return f'{prefix}.{site.domain}' != site.host


def _delivery(site: Site) -> Iterator[Record]:
    """The records without which no mail arrives."""
    yield Record(
        'mx', site.domain, 'MX', f'10 {site.host}.',
        *titles.MX,
    )  # fmt: skip
    four = [each for each in site.addresses if ':' not in each]
    six = [each for each in site.addresses if ':' in each]
    for kind, found in (('A', four or [''] * (not six)), ('AAAA', six)):
        for address in found:
            yield Record(
                f'address-{kind.lower()}', site.host, kind, address,
                *titles.ADDRESS,
            )  # fmt: skip


_KINDS = {'rsa': 'RSA', 'ed25519': 'Ed25519'}
_KEYS = {
    'live': (
        titles.KEY,
        titles.KEY_PURPOSE,
        Severity.ADVISED,
        '',
    ),
    'next': (
        titles.NEXT_KEY,
        titles.NEXT_KEY_PURPOSE,
        Severity.ADVISED,
        'missing-next',
    ),
    'old': (
        titles.OLD_KEY,
        titles.OLD_KEY_PURPOSE,
        Severity.OPTIONAL,
        'missing-old',
    ),
}  # fmt: skip


def _key_record(domain: str, key: Key) -> Record:
    """The record by which other servers verify signatures made with a key."""
    title, purpose, severity, absence = _KEYS[key.stage]
    named = format_lazy(title, kind=_KINDS[key.kind])
    return Record(
        f'dkim-{key.selector}', f'{key.selector}._domainkey.{domain}', 'TXT',
        f'v=DKIM1; k={key.kind}; p={key.public}', named, purpose, severity, absence,
    )  # fmt: skip


def _trust(site: Site) -> Iterator[Record]:
    """The records that keep mail out of spam folders."""
    yield Record(
        'spf', site.domain, 'TXT', site.spf,
        *titles.SPF,
        Severity.ADVISED,
    )  # fmt: skip
    yield from (_key_record(site.domain, key) for key in site.keys)
    yield Record(
        'dmarc', f'_dmarc.{site.domain}', 'TXT',
        f'v=DMARC1; p={site.dmarc_policy}; rua=mailto:{REPORTS}@{site.domain}',
        *titles.DMARC,
        Severity.ADVISED,
    )  # fmt: skip


def _encryption(site: Site) -> Iterator[Record]:
    """The records that protect delivery from interception."""
    yield Record(
        'mta-sts', f'_mta-sts.{site.domain}', 'TXT', f'v=STSv1; id={site.policy_id}',
        *titles.MTA_STS,
        Severity.OPTIONAL,
    )  # fmt: skip
    if _leads_here(site, 'mta-sts'):
        yield Record(
            'mta-sts-host', f'mta-sts.{site.domain}', 'CNAME', f'{site.host}.',
            *titles.POLICY_HOST,
            Severity.OPTIONAL,
        )  # fmt: skip
    yield Record(
        'tls-rpt', f'_smtp._tls.{site.domain}', 'TXT',
        f'v=TLSRPTv1; rua=mailto:{REPORTS}@{site.domain}',
        *titles.TLS_RPT,
        Severity.OPTIONAL,
    )  # fmt: skip
    for index, key in enumerate(site.certificate_keys):
        yield Record(
            f'tlsa-{index}', f'_25._tcp.{site.host}', 'TLSA', f'3 1 1 {key}',
            titles.TLSA if not index
            else titles.NEXT_TLSA,
            titles.TLSA_PURPOSE,
            Severity.OPTIONAL,
        )  # fmt: skip
    yield Record(
        'caa', site.domain, 'CAA', f'0 issue "{ISSUER}"',
        *titles.CAA,
        Severity.OPTIONAL,
    )  # fmt: skip


_SERVICES = (
    ('imaps', 993, titles.IMAPS),
    ('submissions', 465, titles.SUBMISSIONS),
    ('pop3s', 995, titles.POP3S),
    ('sieve', 4190, titles.SIEVE),
)
_OUTLOOK = titles.OUTLOOK


def _programs(site: Site) -> Iterator[Record]:
    """The records by which mail programs find their settings."""
    purpose = titles.APP_PURPOSE
    for service, port, title in _SERVICES:
        yield Record(
            f'srv-{service}', f'_{service}._tcp.{site.domain}', 'SRV', f'0 1 {port} {site.host}.',
            title, purpose, Severity.OPTIONAL,
        )  # fmt: skip
    if _leads_here(site, 'autoconfig'):
        yield Record(
            'autoconfig', f'autoconfig.{site.domain}', 'CNAME', f'{site.host}.',
            *titles.THUNDERBIRD,
            Severity.OPTIONAL,
        )  # fmt: skip
    if site.client_host and site.client_host != site.host:
        yield Record(
            'client-host', site.client_host, 'CNAME', f'{site.host}.',
            *titles.CLIENT_HOST,
        )  # fmt: skip
    yield from _outlook(site)


def _outlook(site: Site) -> Iterator[Record]:
    """The records by which Outlook finds its settings.

    It warns of a name without a certificate, so the name in front of the domain is proposed
    only when there is one.
    """
    yield Record(
        'srv-autodiscover', f'_autodiscover._tcp.{site.domain}', 'SRV', f'0 1 443 {site.host}.',
        _OUTLOOK, titles.OUTLOOK_SRV_PURPOSE,
        Severity.OPTIONAL,
    )  # fmt: skip
    name = f'autodiscover.{site.domain}'
    if name in site.web_names and name != site.host:
        yield Record(
            'autodiscover', name, 'CNAME', f'{site.host}.', _OUTLOOK,
            titles.OUTLOOK_PURPOSE,
            Severity.OPTIONAL,
        )  # fmt: skip
