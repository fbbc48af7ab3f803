# SPDX-License-Identifier: AGPL-3.0-or-later
"""The facts about ways out that Postfix must be told in its files."""

import re

from ..config.state import MasterCf
from ..config.ways_out import SERVICES, Routing
from ..directory.relay import Relay
from ..directory.route import DIRECT, EVERYWHERE, RouteRule
from ..directory.store import Store
from ..system import files

_SERVICE = re.compile(rf'^((?:{"|".join(SERVICES)})[a-z0-9-]+)\s+unix\s', re.MULTILINE)


def _former() -> tuple[str, ...]:
    """The names of our services in master.cf, wanted or not."""
    found = files.read(MasterCf(()).path)
    return tuple(_SERVICE.findall(found.text)) if found.kind == 'file' else ()


def gather(store: Store) -> Routing:
    """The relays and rules of the directory, and the services there are."""
    rules = store.search(RouteRule)
    usual = next((rule.way for rule in rules if rule.place == EVERYWHERE), DIRECT)
    places = tuple(rule for rule in rules if rule.place != EVERYWHERE)
    return Routing(store.search(Relay), places, usual, _former())
