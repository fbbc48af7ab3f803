# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write records into a zone by itself, where its name server lets us.

A `Provider` is anything that can read and change a zone, made of kept values by `from_json`. Here
is dynamic update (RFC 2136) signed with a shared key (TSIG, RFC 8945), which BIND, Knot, PowerDNS
and many hosters speak; `desec`, `cloudflare`, `gandi` and `webhook` are the others.
"""

import asyncio
import base64
import enum
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.update

from ..directory.address import parse_domain
from ..errors import MailError
from .answer import Question, Status
from .ask import read, spell
from .changes import Values, ZoneChange
from .records import TTL

SECONDS = 2.0
AT_ONCE = 8
LONGEST_SECRET = 1000
ALGORITHMS = ('hmac-sha256', 'hmac-sha384', 'hmac-sha512')
_NAME = frozenset('abcdefghijklmnopqrstuvwxyz0123456789-_.')


class Provider(Protocol):
    """Something that can read and change a zone."""

    @property
    def zone(self) -> str:
        """The zone that is changed."""

    @property
    def server(self) -> str:
        """The server that takes the changes."""

    def read(self, questions: Iterable[Question]) -> dict[Question, tuple[Status, Values]]:
        """The values in the zone."""

    def change(self, changes: Iterable[ZoneChange]) -> None:
        """Make changes, all or none."""


@dataclass(frozen=True)
class Rfc2136:
    """A name server that takes dynamic updates."""

    zone: str
    server: str
    key_name: str
    secret: str
    algorithm: str = 'hmac-sha256'
    port: int = 53

    def __post_init__(self) -> None:
        """Refuse settings that cannot be used."""
        if parse_domain(self.zone) != self.zone:
            raise MailError('zone-invalid')
        self._check_server()
        self._check_key_name()
        if self.algorithm not in ALGORITHMS:
            raise MailError('algorithm-invalid')
        if not 1 <= self.port <= 65535:
            raise MailError('port-invalid')
        self._check_secret()

    def _check_server(self) -> None:
        try:
            address = ipaddress.ip_address(self.server)
        except ValueError:
            address = None
        # Behind a % anything could stand, and only a host on this wire is named so.
        if address is None or '%' in self.server:
            raise MailError('server-invalid')

    def _check_key_name(self) -> None:
        invalid = MailError('key-name-invalid')
        if not self.key_name or len(self.key_name) > 253 or set(self.key_name) - _NAME:
            raise invalid
        try:
            dns.name.from_text(self.key_name)
        except dns.exception.DNSException as error:
            raise invalid from error
        if self.key_name == '.':
            raise invalid

    def _check_secret(self) -> None:
        if len(self.secret) > LONGEST_SECRET:
            raise MailError('secret-invalid.too-long')
        try:
            if len(base64.b64decode(self.secret, validate=True)) < 16:
                raise MailError('secret-invalid.too-short')
        except ValueError as error:
            raise MailError('secret-invalid') from error

    @property
    def _keyring(self) -> Any:
        return dns.tsigkeyring.from_text({self.key_name: (self.algorithm, self.secret)})

    def _send(self, messages: Sequence[dns.message.Message]) -> list[dns.message.Message]:
        """The answers to messages that are sent side by side."""
        for message in messages:
            message.use_tsig(self._keyring, self.key_name)
        try:
            return asyncio.run(self._exchange(messages))
        except dns.exception.DNSException as error:
            raise self._error(error) from error
        except (OSError, EOFError) as error:
            raise MailError('provider-down', str(error), server=self.server) from error

    async def _exchange(self, messages: Sequence[dns.message.Message]) -> list[dns.message.Message]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(message: dns.message.Message) -> dns.message.Message:
            async with gate:
                return await dns.asyncquery.tcp(message, self.server, SECONDS, self.port)

        async with asyncio.timeout(SECONDS):
            return await asyncio.gather(*map(one, messages))

    def _error(self, error: Exception) -> MailError:
        if isinstance(error, dns.exception.Timeout):
            return MailError('provider-down', str(error), server=self.server)
        if isinstance(error, dns.tsig.PeerBadTime):
            return MailError('provider-refused.clock', str(error))
        detail = str(error) or type(error).__name__
        return MailError('provider-refused.key', detail, server=self.server)

    def read(self, questions: Iterable[Question]) -> dict[Question, tuple[Status, Values]]:
        """The values in the zone."""
        asked = list(questions)
        answers = self._send([dns.message.make_query(*each, flags=0) for each in asked])
        found = {}
        for question, message in zip(asked, answers, strict=True):
            answer = read(message, self.server)
            found[question] = (answer.status, () if answer.via else answer.values)
        return found

    def _exact(self, changes: Sequence[ZoneChange]) -> list[list[str]]:
        """The values each change removes as the zone spells them.

        A text can be cut into strings anywhere, and only the very same strings are removed.
        """
        queries = [dns.message.make_query(each.name, each.kind, flags=0) for each in changes]
        found = []
        for change, answer in zip(changes, self._send(queries), strict=True):
            kind = dns.rdatatype.from_text(change.kind)
            doomed = {spell(dns.rdata.from_text('IN', kind, text)) for text in change.removed}
            held = [each for rrset in answer.answer for each in rrset if each.rdtype == kind]
            found.append([str(each.to_text()) for each in held if spell(each) in doomed])
        return found

    def change(self, changes: Iterable[ZoneChange]) -> None:
        """Send all changes in one message, which the server makes all of or none."""
        changes = list(changes)
        removing = [each for each in changes if each.removed]
        update = dns.update.UpdateMessage(self.zone)
        for change, texts in zip(removing, self._exact(removing), strict=True):
            for text in texts:
                update.delete(f'{change.name}.', change.kind, text)
        for change in changes:
            for text in change.added:
                update.add(f'{change.name}.', TTL, change.kind, text)
        (answer,) = self._send([update])
        if answer.rcode() != dns.rcode.NOERROR:
            word = dns.rcode.to_text(answer.rcode())
            raise MailError('provider-refused', word, server=self.server)


class ProviderKind(enum.StrEnum):
    """A kind of provider."""

    CLOUDFLARE = 'cloudflare'
    DESEC = 'desec'
    GANDI = 'gandi'
    RFC2136 = 'rfc2136'
    WEBHOOK = 'webhook'


def from_json(data: Mapping[str, Any]) -> Provider:
    """The provider that was kept as these values; the libraries of some take long to load."""
    values = dict(data)
    match ProviderKind(values.pop('kind', ProviderKind.RFC2136)):
        case ProviderKind.RFC2136:
            return Rfc2136(**values)
        case ProviderKind.CLOUDFLARE:
            from .cloudflare import Cloudflare

            return Cloudflare(values['zone'], values['secret'])
        case ProviderKind.GANDI:
            from .gandi import Gandi

            return Gandi(values['zone'], values['secret'])
        case ProviderKind.DESEC:
            from .desec import DeSec

            return DeSec(values['zone'], values['secret'])
        case ProviderKind.WEBHOOK:
            from .webhook import Webhook

            return Webhook(values['zone'], values['server'], values['secret'])
