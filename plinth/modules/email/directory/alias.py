# SPDX-License-Identifier: AGPL-3.0-or-later
"""An alias: an address that delivers to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from ..errors import MailError
from .address import parse, parse_own
from .entry import Entry, Origin, check_origin, check_text, check_user_name

ROLES = ('postmaster', 'abuse', 'hostmaster', 'webmaster', 'root')
"""Local parts that reach the operator in every domain (RFC 2142, RFC 5321 section 4.5.1)."""

MOST_DESTINATIONS = 500


@dataclass(frozen=True)
class Alias(Entry):
    """One alias. Origin `role` means it follows the operator until somebody changes it."""

    OBJECT_CLASS: ClassVar[str] = 'fbxMailAlias'
    BRANCH: ClassVar[str] = 'aliases'
    KEY: ClassVar[str] = 'address'
    NOUN: ClassVar[str] = 'alias'
    ATTRIBUTES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            'address': 'fbxMailAddress',
            'destinations': 'fbxMailDestination',
            'enabled': 'fbxMailEnabled',
            'owner': 'fbxMailOwner',
            'senders': 'fbxMailSender',
            'expires': 'fbxMailExpires',
            'origin': 'fbxMailOrigin',
            'note': 'fbxMailNote',
        }
    )
    SEARCHED: ClassVar[tuple[str, ...]] = ('fbxMailAddress', 'fbxMailDestination')

    address: str
    destinations: tuple[str, ...]
    enabled: bool = True
    owner: str = ''
    senders: tuple[str, ...] = ()
    expires: datetime | None = None
    origin: Origin = 'admin'
    note: str = ''

    def __post_init__(self) -> None:
        """Refuse an alias that leads nowhere or to itself."""
        if str(parse_own(self.address)) != self.address:
            raise MailError('address-invalid', 'An address is kept in its normal form.')
        self._check_destinations()
        if self.owner:
            check_user_name(self.owner)
        check_origin(self.origin)
        check_text(self.note, 'note')

    def _check_destinations(self) -> None:
        """Refuse no, too many, repeated or malformed destinations and senders."""
        if not self.destinations:
            raise MailError('destination-invalid', 'An alias needs at least one destination.')
        if len(self.destinations) > MOST_DESTINATIONS:
            raise MailError(
                'destination-invalid', f'An alias has at most {MOST_DESTINATIONS} destinations.'
            )
        if len(set(self.destinations)) != len(self.destinations):
            raise MailError('destination-invalid', 'A destination is named twice.')
        if self.address in self.destinations:
            raise MailError('destination-invalid', 'An alias cannot deliver to itself.')
        for address in self.destinations + self.senders:
            if str(parse(address)) != address:
                raise MailError('address-invalid', 'An address is kept in its normal form.')

    @classmethod
    def normal_key(cls, text: str) -> str:
        """Return the address somebody means by `text`."""
        return str(parse_own(text))

    @property
    def domain(self) -> str:
        """Return the part behind the @."""
        return self.address.rpartition('@')[2]
