# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way out of a message, from sender and recipient, and the ways a domain's mail can take.

A rule for the recipient's domain comes first, then the choice of the sender's mailbox, that of
the sender's domain, the rule for all mail, and at last the direct way. Postfix decides in the
same order (`config/ways_out.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .address import parse
from .domain import Domain
from .mailbox import Mailbox
from .relay import Relay
from .route import DIRECT, EVERYWHERE, Route, RouteRule
from .store import Store

Routed = Domain | Mailbox | RouteRule
Cause = Literal['destination', 'mailbox', 'domain', 'all', 'usual']


@dataclass(frozen=True)
class Decision:
    """A way out, what it follows from, and the key of the entry that says so."""

    route: Route
    cause: Cause
    key: str = ''


def _known(text: str, relays: Mapping[str, Relay]) -> Route | None:
    """The way a text means; None when it means none, or a relay that is gone."""
    route = Route.parse(text) if text else None
    return None if route is None or (route.relay and route.relay not in relays) else route


def relays_of(store: Store) -> dict[str, Relay]:
    """All relays by their names."""
    return {relay.name: relay for relay in store.search(Relay)}


def _matters(sender: str, place: str) -> Iterator[tuple[Cause, type[Routed], str]]:
    """Yield what may decide, in its order: the cause, and the entry that may have a choice."""
    if place:
        yield 'destination', RouteRule, place
    if sender:
        address = parse(sender)
        yield 'mailbox', Mailbox, f'{address.local.partition("+")[0]}@{address.domain}'
        yield 'domain', Domain, address.domain
    yield 'all', RouteRule, EVERYWHERE


def _decided(
    chosen: Callable[[type[Routed], str], str], relays: Mapping[str, Relay], sender: str, place: str
) -> Decision:
    """The way of a message; `chosen` gives the choice of an entry as text."""
    for cause, kind, key in _matters(sender, place):
        if route := _known(chosen(kind, key), relays):
            return Decision(route, cause, key)
    return Decision(DIRECT, 'usual')


def decide(store: Store, sender: str, place: str) -> Decision:
    """The way of a message to a domain; an empty sender is that of Postfix's own notices."""

    def chosen(kind: type[Routed], key: str) -> str:
        entry = store.find(kind, key)
        return entry.route if entry else ''

    return _decided(chosen, relays_of(store), sender, place)


def decider(store: Store) -> Callable[[str, str], Decision]:
    """The function that decides as `decide` does, of many messages, after all choices are read."""
    relays = relays_of(store)
    ways = [DIRECT, *(Route('relay', name) for name in relays)]
    ways += [Route('fallback', name) for name in relays]
    known: dict[tuple[type[Routed], str], str] = {}
    for way in map(str, ways):
        known |= {(Domain, each.key): way for each in store.search(Domain, where={'route': way})}
        known |= {(Mailbox, each.key): way for each in store.search(Mailbox, where={'route': way})}
    known |= {(RouteRule, rule.place): rule.route for rule in store.search(RouteRule)}
    return lambda sender, place: _decided(
        lambda kind, key: known.get((kind, key), ''), relays, sender, place
    )


@dataclass(frozen=True)
class WaysOut:
    """All ways mail from a domain can take: whether it can go directly, and by which relays."""

    direct: bool = True
    relays: tuple[Relay, ...] = ()
    needs_direct: bool = True
    """Whether some mail has no other way than the direct one."""

    @property
    def sender_rules(self) -> tuple[str, ...]:
        """The mechanisms of SPF by which the domain lets these relays send."""
        return tuple(dict.fromkeys(relay.sender_rule for relay in self.relays))


def ways_out(store: Store, name: str) -> WaysOut:
    """The ways mail from addresses of a domain can take."""
    relays = relays_of(store)
    if not relays:
        return WaysOut()
    domain, rules = store.find(Domain, name), store.search(RouteRule)
    usual = next((rule.route for rule in rules if rule.place == EVERYWHERE), '')
    own = _known(domain.route if domain else '', relays) or _known(usual, relays) or DIRECT
    texts = [rule.route for rule in rules if rule.place != EVERYWHERE]
    texts += [mailbox.route for mailbox in store.in_domain(Mailbox, name)]
    routes = {own, *(route for text in texts if (route := _known(text, relays)))}
    kinds = {route.kind for route in routes}
    return WaysOut(kinds != {'relay'}, _with_backups(routes, relays), 'direct' in kinds)


def _with_backups(routes: set[Route], relays: Mapping[str, Relay]) -> tuple[Relay, ...]:
    """The relays of some ways, and their backups, by name."""
    names = {route.relay for route in routes if route.relay}
    names |= {backup for name in names for backup in relays[name].backup_names}
    return tuple(relays[name] for name in sorted(names) if name in relays)
