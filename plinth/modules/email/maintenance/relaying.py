# SPDX-License-Identifier: AGPL-3.0-or-later
"""Relays with their passwords, and the ways mail leaves by: directory, secrets, Postfix.

A password is in force at once: Postfix is told, and mail that waited is tried again.

DIAGNOSTICS
    password-missing.relay   a login without a password
    And what `directory.verbs.routes`, `sending.relay_secrets` say.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..directory.entry import Entry
from ..directory.relay import Relay
from ..directory.routing import relays_of
from ..directory.store import PageStore, Store
from ..directory.verbs import routes
from ..errors import MailError
from ..sending import direct_failures, relay_secrets, relay_troubles
from ..sending.direct_failures import DirectFailure
from ..sending.relay_troubles import RelayTrouble
from ..system import programs
from ..system.json_value import JsonValue

_SCOPES: dict[str, Callable[[Store, str, str], str | Entry]] = {
    'destination': routes.set_rule,
    'domain': routes.set_domain,
    'mailbox': routes.set_mailbox,
}
"""The verbs that choose a way, by the kind of their second argument."""


@dataclass(frozen=True)
class RelayState(JsonValue):
    """Names of the relays whose password is kept, and the relays that mail waits for."""

    passwords: tuple[str, ...] = ()
    troubles: tuple[RelayTrouble, ...] = ()
    skipped: tuple[DirectFailure, ...] = ()
    """Destinations that direct delivery did not reach lately."""


def _forget_answers() -> None:
    """Have Postfix look up ways anew: it remembers the last one for half a minute."""
    programs.run(['postfix', 'reload'])


def _follow(store: Store) -> None:
    """Have Postfix know the passwords of now, and try again what waited for them."""
    if relay_secrets.write_tables(relays_of(store)):
        _forget_answers()
        programs.run(['postqueue', '-f'])


def add(relay: Relay, password: str) -> Relay:
    """Add a relay and keep its password."""
    with PageStore() as store, store.exclusive():
        _check(relay, password)
        added = routes.add_relay(store, relay)
        relay_secrets.keep(relay, password)
        _follow(store)
    return added


def _check(relay: Relay, password: str) -> None:
    """Refuse a login without a password, and a password that cannot be kept."""
    if relay.login:
        if not password:
            raise MailError('password-missing.relay')
        relay_secrets.check_password(password)


def change(relay: Relay, password: str | None, version: str = '') -> Relay:
    """Change a relay; None leaves the password as it is.

    To another host or login the present password is never sent.
    """
    with PageStore() as store, store.exclusive():
        word = relay_secrets.password_of(relay) if password is None else password
        _check(relay, word)
        changed = routes.change_relay(store, relay, version)
        relay_secrets.keep(relay, word if relay.login else '')
        _follow(store)
    return changed


def remove(name: str, version: str = '') -> Relay:
    """Remove a relay and forget its password."""
    with PageStore() as store, store.exclusive():
        removed = routes.remove_relay(store, name, version)
        relay_secrets.forget(removed.name)
        relay_troubles.forget(removed.name)
    return removed


def choose(scope: str, key: str, route: str) -> None:
    """Choose the way of all mail to a destination, or from a domain or mailbox."""
    if scope not in _SCOPES:
        raise MailError('route-invalid.scope')
    with PageStore() as store:
        _SCOPES[scope](store, key, route)
    _forget_answers()
    programs.run(['postqueue', '-f'])  # mail may wait for another way


def state() -> RelayState:
    """Root's part of the state of all relays."""
    with Store() as store:
        found = relays_of(store).values()
        names = tuple(each.name for each in found if relay_secrets.password_of(each))
    skipped = direct_failures.kept().skipped()
    return RelayState(names, relay_troubles.look().found, skipped)


def watch() -> None:
    """Look which relays refuse mail, and which destinations the direct way does not reach."""
    relay_troubles.watch()
    with Store() as store:
        hosts = {relay.host for relay in relays_of(store).values()}
    direct_failures.watch(hosts)
