# SPDX-License-Identifier: AGPL-3.0-or-later
"""An alias: an address or a pattern that delivers to others.

The catch-all of a domain is the pattern that is nothing but a star.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from ..errors import MailError
from .address import parse, parse_own
from .ending import ENDING_ATTRIBUTES, check_farewell
from .entry import Entry, Origin, check_number, check_origin, check_text, check_user_name, now
from .forward import StoppedForward, check_stopped
from .pattern import is_catch_all, is_pattern, parse_alias

ROLES = ('postmaster', 'abuse', 'hostmaster', 'webmaster', 'root', 'security', 'noc')
"""Local parts that reach the operator in every domain (RFC 2142, RFC 5321 section 4.5.1)."""

REPORTS = 'mail-reports'
"""Local part at which this box reads the reports of other mail servers in every domain, unless
there is an alias or mailbox of that name."""

MOST_DESTINATIONS = 500
MOST_SENDERS = 500


def check_destinations(address: str, destinations: Sequence[str]) -> None:
    """Refuse destinations that are malformed, repeated, or the address itself."""
    if len(set(destinations)) != len(destinations):
        raise MailError('destination-repeated')
    if address in destinations:
        raise MailError('alias-loop.self')
    for destination in destinations:
        if str(parse(destination)) != destination:
            raise MailError('address-invalid')


@dataclass(frozen=True)
class Alias(Entry):
    """One alias. Origin `role` means it follows the operator until a person changes it.

    `owner_id` is the entryUUID of the owner's entry, which a new name does not change. A
    stand-alone mailbox owns by its address as `owner`, without an identity. `stopped` are
    destinations mail no longer goes to (`StoppedForward`).
    """

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
            'owner_id': 'fbxMailOwnerId',
            'stopped': 'fbxMailStoppedForward',
            **ENDING_ATTRIBUTES,
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
    owner_id: str = ''
    stopped: tuple[str, ...] = ()
    farewell: str = ''
    warned: int = 0

    def __post_init__(self) -> None:
        """Refuse an alias that leads nowhere or to itself."""
        if parse_alias(self.address) != self.address:
            raise MailError('address-invalid')
        self._check_destinations()
        self._check_owner()
        check_stopped(self.stopped)
        check_farewell(self.farewell)
        check_origin(self.origin)
        check_text(self.note)

    def _check_owner(self) -> None:
        """Refuse an owner that is neither the name of a user nor, alone, an address."""
        try:
            if self.owner:
                check_user_name(self.owner)
        except MailError:
            if self.owner_id or str(parse_own(self.owner)) != self.owner:
                raise

    def _check_destinations(self) -> None:
        """Refuse no or too many destinations, and malformed senders."""
        if not self.destinations:
            raise MailError('destination-invalid.none')
        if len(self.destinations) > MOST_DESTINATIONS:
            raise MailError('destination-invalid.too-many', most=MOST_DESTINATIONS)
        check_destinations(self.address, self.destinations)
        check_number(self.senders, MOST_SENDERS)
        for address in self.senders:
            if str(parse(address)) != address:
                raise MailError('address-invalid')

    @classmethod
    def normal_key(cls, text: str) -> str:
        """The address `text` stands for."""
        return parse_alias(text)

    @property
    def stopped_forwards(self) -> tuple[StoppedForward, ...]:
        """The destinations mail no longer goes to."""
        return tuple(map(StoppedForward.parse, self.stopped))

    @property
    def domain(self) -> str:
        """The part behind the @."""
        return self.address.rpartition('@')[2]

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for many addresses; a catch-all does."""
        return is_pattern(self.address)

    @property
    def is_catch_all(self) -> bool:
        """Whether it takes the mail of all addresses its domain does not have."""
        return is_catch_all(self.address)

    def to_json(self) -> dict[str, Any]:
        """The alias as plain values, and whether its end has come."""
        return {**super().to_json(), 'ended': self.ended}

    @property
    def ended(self) -> bool:
        """Whether the moment is past from which it is no longer in use."""
        return self.expires is not None and self.expires <= now()
