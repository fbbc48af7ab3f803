# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email domain add|list|primary|remove`."""

import argparse
from typing import Any

from ..directory.domain import Domain
from ..directory.store import Store
from ..privileged import directory as actions
from .follow import follow
from .output import Output, as_root, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add('add', add_domain, 'add a mail domain')
    add.add_argument('domain', help='the domain, as in example.org')
    add.add_argument(
        '--alias-of', metavar='DOMAIN', help='let it share all addresses of this domain'
    )
    listing = verbs.add('list', list_domains, 'list mail domains')
    verbs.add_search(listing)
    primary = verbs.add('primary', make_primary, 'choose where FreedomBox users get mailboxes')
    primary.add_argument('domain', help='one of the mail domains')
    remove = verbs.add('remove', remove_domain, 'remove a mail domain; stored mail stays')
    remove.add_argument('domain', help='one of the mail domains')
    remove.add_argument(
        '--force', action='store_true', help='also remove all mailboxes and aliases in it'
    )


def add_domain(arguments: argparse.Namespace) -> Output:
    """Add a domain."""
    added = as_root(actions.domain_add)(arguments.domain, arguments.alias_of)
    follow()
    return Output([f'{added["name"]} is a mail domain now.'], {'domain': added})


def make_primary(arguments: argparse.Namespace) -> Output:
    """Choose the primary domain."""
    done = as_root(actions.domain_set_primary)(arguments.domain)
    follow()
    lines = [f'FreedomBox users have mailboxes in {arguments.domain} now.']
    return Output(lines, {'reconciled': done})


def remove_domain(arguments: argparse.Namespace) -> Output:
    """Remove a domain."""
    removed = as_root(actions.domain_remove)(arguments.domain, arguments.force)
    follow()
    return Output([f'{removed["name"]} is no mail domain any more.'], {'domain': removed})


def _kind(domain: Domain, primary: str) -> str:
    """Return in words what a domain is."""
    if domain.alias_of:
        return f'shares the addresses of {domain.alias_of}'
    return 'primary' if domain.name == primary else ''


def _state(domain: Domain) -> str:
    """Return in words whether a domain is in use."""
    if domain.gone:
        return f'off, not in FreedomBox since {domain.gone:%Y-%m-%d}'
    return 'on' if domain.enabled else 'off'


def list_domains(arguments: argparse.Namespace) -> Output:
    """List domains."""
    with Store() as store:
        found, primary = store.search(Domain, arguments.text), store.settings().primary_domain
    data: dict[str, Any] = {'primary': primary, 'domains': [domain.to_json() for domain in found]}
    if arguments.names:
        return Output([domain.name for domain in found], data)
    rows = [(domain.unicode_name, _state(domain), _kind(domain, primary)) for domain in found]
    return Output(table(rows) or ['There is no such mail domain.'], data)
