# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email alias add|list|remove`."""

import argparse
from typing import Any

from ..directory.address import parse_domain
from ..directory.alias import Alias
from ..directory.store import Store
from ..privileged import directory as actions
from .output import Output, as_root, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add('add', add_alias, 'add an alias')
    add.add_argument('address', help='the new address, as in info@example.org')
    add.add_argument('destinations', nargs='+', metavar='destination', help='where its mail goes')
    listing = verbs.add('list', list_aliases, 'list aliases')
    verbs.add_search(listing)
    listing.add_argument('--domain', help='only those in this domain')
    remove = verbs.add('remove', remove_alias, 'remove an alias')
    remove.add_argument('address', help='the address of the alias')


def add_alias(arguments: argparse.Namespace) -> Output:
    """Add an alias."""
    added = as_root(actions.alias_add)(arguments.address, arguments.destinations)
    lines = [f'Mail to {added["address"]} goes to {", ".join(added["destinations"])} now.']
    return Output(lines, {'alias': added})


def remove_alias(arguments: argparse.Namespace) -> Output:
    """Remove an alias."""
    removed = as_root(actions.alias_remove)(arguments.address)
    return Output([f'The alias {removed["address"]} is removed.'], {'alias': removed})


def _state(alias: Alias) -> str:
    """Return in words whether an alias is in use."""
    return 'on' if alias.enabled else 'off'


def list_aliases(arguments: argparse.Namespace) -> Output:
    """List aliases."""
    with Store() as store:
        found = store.search(Alias, arguments.text)
    if arguments.domain:
        domain = parse_domain(arguments.domain)
        found = tuple(alias for alias in found if alias.domain == domain)
    data: dict[str, Any] = {'aliases': [alias.to_json() for alias in found]}
    if arguments.names:
        return Output([alias.address for alias in found], data)
    rows = [(alias.address, _state(alias), ', '.join(alias.destinations)) for alias in found]
    return Output(table(rows) or ['There is no such alias.'], data)
