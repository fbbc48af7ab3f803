# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email alias add|change|list|remove`."""

import argparse
from typing import Any

from ..directory.address import parse_domain
from ..directory.alias import Alias
from ..directory.entry import last_day
from ..directory.store import Store
from ..freedombox_seams import plain
from ..privileged import aliases as actions
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add('add', add_alias, 'create an alias that delivers to one or more addresses')
    add.add_argument(
        'address', help='the new address, for example info@example.org or shop-*@example.org'
    )
    add.add_argument('destinations', nargs='+', metavar='DESTINATION', help='address to deliver to')
    add.add_argument('--owner', metavar='USER', default='', help='FreedomBox user who owns it')
    add.add_argument('--off', action='store_true', help='create it disabled')
    change = verbs.add('change', change_alias, 'change an alias')
    change.add_argument('address', help='address of the alias')
    change.add_argument('--to', nargs='+', metavar='DESTINATION', help='addresses to deliver to')
    state = change.add_mutually_exclusive_group()
    state.add_argument('--on', action='store_true', help='enable it')
    state.add_argument('--off', action='store_true', help='disable it')
    for each in (add, change):
        each.add_argument(
            '--sender', nargs='*', metavar='MAILBOX', help='mailboxes that may send as it'
        )
        each.add_argument(
            '--until', metavar='DATE', help='last day it works, for example 2027-01-31'
        )
        each.add_argument('--note', help='note for administrators')
    listing = verbs.add('list', list_aliases, 'list aliases')
    verbs.add_search(listing)
    listing.add_argument('--domain', help='show only this domain')
    remove = verbs.add('remove', remove_alias, 'remove an alias')
    remove.add_argument('address', help='address of the alias')
    remove.add_argument(
        '--force', action='store_true', help='remove it even if other aliases deliver to it'
    )


def add_alias(arguments: argparse.Namespace) -> Output:
    """Add an alias."""
    added = plain(actions.alias_add)(
        arguments.address,
        arguments.destinations,
        enabled=not arguments.off,
        owner=arguments.owner,
        senders=arguments.sender,
        expires=arguments.until,
        note=arguments.note or '',
    )
    return _output(added)


def _output(answer: dict[str, Any]) -> Output:
    """An alias that was added or changed."""
    return Output([_where_to(Alias.from_json(answer))], {'alias': answer})


def _where_to(alias: Alias) -> str:
    """The destinations of an alias in words."""
    if not alias.enabled:
        return f'The alias {alias.address} is disabled.'
    targets = ', '.join(alias.destinations)
    if alias.expires:
        last = last_day(alias.expires)
        return f'{alias.address} delivers to {targets} until the end of {last}.'
    return f'{alias.address} delivers to {targets}.'


def change_alias(arguments: argparse.Namespace) -> Output:
    """Change an alias."""
    changed = plain(actions.alias_change)(
        arguments.address,
        destinations=arguments.to,
        enabled=True if arguments.on else (False if arguments.off else None),
        senders=arguments.sender,
        expires=arguments.until,
        note=arguments.note,
    )
    return _output(changed)


def remove_alias(arguments: argparse.Namespace) -> Output:
    """Remove an alias."""
    answer = plain(actions.alias_remove)(arguments.address, arguments.force)
    removed = Alias.from_json(answer)
    return Output([f'Removed the alias {removed.address}.'], {'alias': removed.to_json()})


def _state(alias: Alias) -> str:
    """The state of an alias in words."""
    if alias.expires and alias.ended:
        return f'expired after {last_day(alias.expires)}'
    if alias.enabled and alias.expires:
        return f'on until {last_day(alias.expires)}'
    return 'on' if alias.enabled else 'off'


def list_aliases(arguments: argparse.Namespace) -> Output:
    """List aliases."""
    domain = parse_domain(arguments.domain) if arguments.domain else ''
    with Store() as store:
        found = store.search(Alias, arguments.text, domain=domain)
    data: dict[str, Any] = {'aliases': [alias.to_json() for alias in found]}
    if arguments.names:
        return Output([alias.address for alias in found], data)
    rows = [
        (alias.address, _state(alias), ', '.join(alias.destinations), alias.note) for alias in found
    ]
    return Output(table(rows) or ['No aliases found.'], data)
