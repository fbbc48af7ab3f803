# SPDX-License-Identifier: AGPL-3.0-or-later
"""The choice of the way mail leaves the box, and the rules by which one is chosen.

A route is direct, by a relay (a mail server that passes mail on, also called smarthost), or direct
with a relay for where that does not work. A mailbox, a domain or a `RouteRule` carries one
as text: `direct`, `relay:NAME`, `fallback:NAME`, and '' where nothing was chosen.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, Self, cast

from ..errors import MailError
from .address import parse_domain
from .entry import Entry

RouteKind = Literal['direct', 'relay', 'fallback']
KINDS: tuple[RouteKind, ...] = ('direct', 'relay', 'fallback')
EVERYWHERE = '*'
"""The key of the rule for all mail that nothing else is said of."""
RELAY_NAME = re.compile(r'[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?')


def check_relay_name(name: str) -> None:
    """Refuse a name that cannot be part of a file's or a service's name."""
    if not RELAY_NAME.fullmatch(name):
        raise MailError('relay-invalid.name')


@dataclass(frozen=True)
class Route:
    """One way out; `relay` is the name of a relay, '' where there is none."""

    kind: RouteKind = 'direct'
    relay: str = ''

    def __post_init__(self) -> None:
        """Refuse a way that needs a relay without one, and the other way round."""
        if self.kind not in KINDS or (self.kind == 'direct') is bool(self.relay):
            raise MailError('route-invalid')
        if self.relay:
            check_relay_name(self.relay)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The way that `direct`, `relay:NAME` or `fallback:NAME` stands for."""
        kind, _, relay = text.strip().partition(':')
        if kind not in KINDS:
            raise MailError('route-invalid')
        return cls(cast(RouteKind, kind), relay)

    def __str__(self) -> str:
        return f'{self.kind}:{self.relay}' if self.relay else self.kind


DIRECT = Route()


def check_route(text: str) -> None:
    """Refuse text that is no way out in its one form; '' is none."""
    if text and str(Route.parse(text)) != text:
        raise MailError('route-invalid')


def parse_place(text: str) -> str:
    """The domain mail goes to, or the sign for all."""
    return EVERYWHERE if text.strip() == EVERYWHERE else parse_domain(text.strip())


@dataclass(frozen=True)
class RouteRule(Entry):
    """The way out of mail for a domain elsewhere, or of all mail (`*`)."""

    OBJECT_CLASS: ClassVar[str] = 'fbxMailRouteRule'
    BRANCH: ClassVar[str] = 'routes'
    KEY: ClassVar[str] = 'place'
    NOUN: ClassVar[str] = 'route'
    ATTRIBUTES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {'place': 'fbxMailRouteDomain', 'route': 'fbxMailRoute'}
    )
    SEARCHED: ClassVar[tuple[str, ...]] = ('fbxMailRouteDomain',)

    place: str
    route: str

    def __post_init__(self) -> None:
        """Refuse a rule that says nothing."""
        if parse_place(self.place) != self.place:
            raise MailError('domain-invalid')
        if not self.route:
            raise MailError('route-invalid')
        check_route(self.route)

    @classmethod
    def normal_key(cls, text: str) -> str:
        """The place `text` stands for."""
        return parse_place(text)

    @property
    def way(self) -> Route:
        """The way it chooses."""
        return Route.parse(self.route)
