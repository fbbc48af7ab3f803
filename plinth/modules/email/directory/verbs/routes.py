# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs for relays and for the ways mail leaves the box.

DIAGNOSTICS
    relay-exists, relay-missing   there is a relay of this name already, or none
    relay-invalid     a relay that could not be used, or not in this place
    relay-in-use      something sends by the relay, or falls back on it
    route-invalid     a choice that is none
    route-missing     there is no rule for this domain
    domain-missing, mailbox-missing   there is no such domain or mailbox
    entry-changed     another person changed it since it was looked at
"""

import dataclasses
from collections.abc import Iterator

from ...errors import MailError
from ..acts import act
from ..address import parse_domain
from ..domain import Domain
from ..entry import Entry
from ..mailbox import Mailbox
from ..relay import Relay
from ..route import DIRECT, EVERYWHERE, Route, RouteRule, parse_place
from ..store import Store, storing
from ..view import DirectoryView, StoreView
from .aliases import check_version

MOST_RELAYS = 100
MOST_RULES = 1000
_NAMED = 3


def _relay(view: DirectoryView, name: str) -> Relay:
    """The relay of this name, or say that there is none."""
    found = view.find(Relay, name)
    if found is None:
        raise MailError('relay-missing.key', key=name)
    return found


def _check_backups(view: DirectoryView, relay: Relay) -> None:
    """Refuse backups that are not there, or that one service of Postfix cannot try in turn."""
    for name in relay.backup_names:
        if (_relay(view, name).tls == 'implicit') is not (relay.tls == 'implicit'):
            raise MailError('relay-invalid.mixed-tls', name=name)


def _check_way(view: DirectoryView, text: str) -> None:
    """Refuse a way with a relay that is not there, or cannot be used so."""
    route = Route.parse(text) if text else DIRECT
    is_implicit = route.relay and _relay(view, route.relay).tls == 'implicit'
    if is_implicit and route.kind == 'fallback':
        raise MailError('relay-invalid.implicit-fallback')


def check_links(view: DirectoryView, entry: Entry) -> None:
    """Refuse a relay or a way that leads nowhere, in the directory as it will be."""
    if isinstance(entry, Relay):
        _check_backups(view, entry)
    elif isinstance(entry, Domain | Mailbox | RouteRule):
        _check_way(view, entry.route)
    is_rule = isinstance(entry, RouteRule) and entry.key != EVERYWHERE
    if is_rule and view.find(Domain, entry.key):
        raise MailError('route-invalid.own-domain', domain=entry.key)


@storing
def add_relay(store: Store, relay: Relay) -> Relay:
    """Add a relay."""
    if len(store.search(Relay)) >= MOST_RELAYS:
        raise MailError('list-too-long', most=MOST_RELAYS)
    check_links(StoreView(store), relay)
    store.add(relay)
    return relay


@storing
def change_relay(store: Store, relay: Relay, version: str = '') -> Relay:
    """Change a relay; `version` is that of the relay the person looked at."""
    present = store.get(Relay, relay.name)
    check_version(present, version)
    check_links(StoreView(store), relay)
    if relay.tls == 'implicit' and present.tls != 'implicit':
        _check_no_fallback(store, relay.name)
    for other in store.search(Relay):
        is_mixed = (other.tls == 'implicit') is not (relay.tls == 'implicit')
        if relay.name in other.backup_names and is_mixed:
            raise MailError('relay-invalid.mixed-tls', name=other.name)
    store.change(present, relay)
    return relay


def _check_no_fallback(store: Store, name: str) -> None:
    """Refuse to take from a relay what direct delivery falls back on."""
    senders = store.having(Domain, 'route') + store.having(Mailbox, 'route')
    used = senders + store.search(RouteRule)
    if any(entry.route == str(Route('fallback', name)) for entry in used):
        raise MailError('relay-invalid.implicit-fallback')


def uses(store: Store, name: str) -> Iterator[str]:
    """The keys of all entries that send by a relay or fall back on it."""
    routes = sorted((str(Route('relay', name)), str(Route('fallback', name))))
    for kind in (RouteRule, Domain, Mailbox):
        for text in routes:
            yield from (entry.key for entry in store.search(kind, where={'route': text}))
    yield from (relay.name for relay in store.search(Relay) if name in relay.backup_names)


@act
def remove_relay(store: Store, text: str, version: str = '') -> Relay:
    """Remove a relay that nothing sends by."""
    relay = store.get(Relay, text)
    check_version(relay, version)
    if found := list(uses(store, relay.name)):
        names = ', '.join(found[:_NAMED])
        raise MailError('relay-in-use', name=relay.name, count=len(found), users=names)
    store.remove(Relay, relay.name)
    return relay


def _route(store: Store, text: str) -> str:
    """A choice in its one form, with a relay that is there and can be used so."""
    if not text.strip():
        return ''
    route = str(Route.parse(text))
    _check_way(StoreView(store), route)
    return route


@act
def set_rule(store: Store, place: str, text: str) -> str:
    """Choose the way of mail for a domain elsewhere, or of all mail; '' for none of its own."""
    key, route = parse_place(place), _route(store, text)
    present = store.find(RouteRule, key)
    if not route:
        _remove_rule(store, key, present)
        return ''
    rule = RouteRule(key, route)
    check_links(StoreView(store), rule)
    if present:
        store.change(present, rule)
    else:
        if len(store.search(RouteRule)) >= MOST_RULES:
            raise MailError('list-too-long', most=MOST_RULES)
        store.add(rule)
    return route


def _remove_rule(store: Store, key: str, present: RouteRule | None) -> None:
    """Remove a rule; all mail needs none."""
    if present:
        store.remove(RouteRule, key)
    elif key != EVERYWHERE:
        raise MailError('route-missing.key', key=key)


@storing
def set_domain(store: Store, name: str, text: str) -> Domain:
    """Choose the way of mail from a domain; '' for that of all mail."""
    domain = store.get(Domain, parse_domain(name))
    changed = dataclasses.replace(domain, route=_route(store, text))
    store.change(domain, changed)
    return changed


@storing
def set_mailbox(store: Store, address: str, text: str) -> Mailbox:
    """Choose the way of mail from a mailbox's address; '' for that of its domain."""
    mailbox = store.get(Mailbox, address)
    changed = dataclasses.replace(mailbox, route=_route(store, text))
    store.change(mailbox, changed)
    return changed
