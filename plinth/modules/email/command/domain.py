# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email domain …`."""

import argparse
from typing import Any

from ..directory.domain import DMARC, MODES, Domain
from ..directory.store import Store
from ..privileged import aliases
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
    change = verbs.add('change', change_domain, 'change what holds in a mail domain')
    change.add_argument('domain', help='one of the mail domains')
    change.add_argument(
        '--user-mailboxes',
        choices=('yes', 'no', 'default'),
        help='whether every FreedomBox user gets a mailbox in it',
    )
    change.add_argument(
        '--user-aliases', type=int, metavar='NUMBER', help='how many aliases a user may make'
    )
    change.add_argument(
        '--catch-all', nargs='*', metavar='DESTINATION', help='who gets what nobody else does'
    )
    change.add_argument('--alias-of', metavar='DOMAIN', help='share the addresses of this one')
    change.add_argument('--note', help='what it is for')
    change.add_argument(
        '--mta-sts', choices=MODES, help='how strict others are asked to be about encryption'
    )
    change.add_argument(
        '--dmarc', choices=DMARC, help='what others are asked to do with forgeries in its name'
    )
    listing = verbs.add('list', list_domains, 'list mail domains')
    verbs.add_search(listing)
    primary = verbs.add('primary', make_primary, 'choose where FreedomBox users get mailboxes')
    primary.add_argument('domain', help='one of the mail domains')
    remove = verbs.add('remove', remove_domain, 'remove a mail domain; stored mail stays')
    remove.add_argument('domain', help='one of the mail domains')
    remove.add_argument('--dry-run', action='store_true', help='only say what would stop working')
    remove.add_argument(
        '--force', action='store_true', help='also remove all mailboxes and aliases in it'
    )


def add_domain(arguments: argparse.Namespace) -> Output:
    """Add a domain."""
    added = as_root(actions.domain_add)(arguments.domain, arguments.alias_of)
    follow()
    return Output([f'{added["name"]} is a mail domain now.'], {'domain': added})


def change_domain(arguments: argparse.Namespace) -> Output:
    """Change what holds in a domain."""
    changed = as_root(actions.domain_change)(
        arguments.domain,
        arguments.user_mailboxes,
        arguments.user_aliases,
        arguments.alias_of,
        arguments.note,
        mta_sts=arguments.mta_sts,
        dmarc=arguments.dmarc,
    )
    if arguments.catch_all is not None:
        as_root(aliases.catch_all_set)(arguments.domain, arguments.catch_all)
    return Output([f'{changed["name"]} is changed.'], {'domain': changed})


def make_primary(arguments: argparse.Namespace) -> Output:
    """Choose the primary domain."""
    done = as_root(actions.domain_set_primary)(arguments.domain)
    follow()
    lines = [f'FreedomBox users have mailboxes in {arguments.domain} now.']
    return Output(lines, {'reconciled': done})


def remove_domain(arguments: argparse.Namespace) -> Output:
    """Remove a domain, or say what would stop working."""
    if arguments.dry_run:
        return _show_loss(as_root(actions.domain_loss)(arguments.domain))
    removed = as_root(actions.domain_remove)(arguments.domain, arguments.force)
    follow()
    return Output([f'{removed["name"]} is no mail domain any more.'], {'domain': removed})


def _show_loss(losing: dict[str, Any]) -> Output:
    """Say what would stop working without a domain."""
    rows = [
        (title, ', '.join(losing[key]))
        for key, title in (
            ('mailboxes', 'mailboxes'),
            ('aliases', 'aliases'),
            ('sharing', 'domains that share its addresses'),
            ('leading_here', 'aliases elsewhere that lead here'),
            ('users', 'users without a mailbox'),
        )
        if losing[key]
    ]
    lines = table(rows) or [f'Nothing uses {losing["domain"]}.']
    if losing['is_primary']:
        lines.append('It is the primary domain. Another one would take its place.')
    return Output(lines, {'loss': losing})


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
