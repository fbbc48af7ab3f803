# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email domain …`."""

import argparse
from typing import Any

from ..directory.domain import DMARC, MODES, Domain
from ..directory.store import Store
from ..directory.verbs.domains import Loss
from ..directory.verbs.snapshot import Reconciled
from ..freedombox_seams import plain
from ..privileged import aliases
from ..privileged import directory as actions
from .follow import follow
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add('add', add_domain, 'add a mail domain')
    add.add_argument('domain', help='the domain, for example example.org')
    add.add_argument('--alias-of', metavar='DOMAIN', help='make it an alias of this domain')
    change = verbs.add('change', change_domain, 'change domain settings')
    change.add_argument('domain', help='mail domain')
    change.add_argument(
        '--user-mailboxes',
        choices=('yes', 'no', 'default'),
        help='create a mailbox for every FreedomBox user',
    )
    change.add_argument(
        '--user-aliases', type=int, metavar='NUMBER', help='number of aliases each user can create'
    )
    change.add_argument(
        '--catch-all',
        nargs='*',
        metavar='DESTINATION',
        help='catch-all destinations (none: turn it off)',
    )
    change.add_argument('--alias-of', metavar='DOMAIN', help='make it an alias of this domain')
    change.add_argument('--note', help='note for administrators')
    change.add_argument('--mta-sts', choices=MODES, help='policy for encrypted delivery (MTA-STS)')
    change.add_argument('--dmarc', choices=DMARC, help='policy for spoofed mail (DMARC)')
    change.add_argument(
        '--forwarding',
        choices=('yes', 'no'),
        help='allow forwarding mail of its mailboxes to other mail servers',
    )
    change.add_argument(
        '--client-host', metavar='NAME', help='name mail apps connect to (empty: that of the box)'
    )
    listing = verbs.add('list', list_domains, 'list mail domains')
    verbs.add_search(listing)
    primary = verbs.add('primary', make_primary, 'set the primary domain')
    primary.add_argument('domain', help='mail domain')
    remove = verbs.add('remove', remove_domain, 'remove a mail domain and keep stored mail')
    remove.add_argument('domain', help='mail domain')
    remove.add_argument('--dry-run', action='store_true', help='only show what would be removed')
    remove.add_argument(
        '--force', action='store_true', help='also remove its mailboxes and aliases'
    )


def add_domain(arguments: argparse.Namespace) -> Output:
    """Add a domain."""
    added = Domain.from_json(plain(actions.domain_add)(arguments.domain, arguments.alias_of))
    follow()
    return Output([f'Added the mail domain {added.name}.'], {'domain': added.to_json()})


def change_domain(arguments: argparse.Namespace) -> Output:
    """Change the settings of a domain."""
    answer = plain(actions.domain_change)(
        arguments.domain,
        arguments.user_mailboxes,
        arguments.user_aliases,
        arguments.alias_of,
        arguments.note,
        mta_sts=arguments.mta_sts,
        dmarc=arguments.dmarc,
        forwarding=None if arguments.forwarding is None else arguments.forwarding == 'yes',
        client_host=arguments.client_host,
    )
    if arguments.client_host is not None:
        follow()
    changed = Domain.from_json(answer)
    if arguments.catch_all is not None:
        plain(aliases.catch_all_set)(arguments.domain, arguments.catch_all)
    return Output([f'Changed the mail domain {changed.name}.'], {'domain': changed.to_json()})


def make_primary(arguments: argparse.Namespace) -> Output:
    """Choose the primary domain."""
    done = Reconciled.from_json(plain(actions.domain_set_primary)(arguments.domain))
    follow()
    lines = [f'{arguments.domain} is now the primary domain.']
    return Output(lines, {'reconciled': done.to_json()})


def remove_domain(arguments: argparse.Namespace) -> Output:
    """Remove a domain, or show the addresses that would stop working."""
    if arguments.dry_run:
        return _show_loss(Loss.from_json(plain(actions.domain_loss)(arguments.domain)))
    answer = plain(actions.domain_remove)(arguments.domain, arguments.force)
    removed = Domain.from_json(answer)
    follow()
    return Output([f'Removed the mail domain {removed.name}.'], {'domain': removed.to_json()})


def _show_loss(losing: Loss) -> Output:
    """Show the entries that would be removed with a domain."""
    rows = [
        (title, ', '.join(names))
        for title, names in (
            ('mailboxes', losing.mailboxes),
            ('aliases', losing.aliases),
            ('alias domains', losing.sharing),
            ('aliases in other domains that deliver here', losing.leading_here),
            ('users who lose their mailbox', losing.users),
        )
        if names
    ]
    lines = table(rows) or [f'{losing.domain} has no mailboxes or aliases.']
    if losing.is_primary:
        lines.append('It is the primary domain. Another domain would become primary.')
    return Output(lines, {'loss': losing.to_json()})


def _kind(domain: Domain, primary: str) -> str:
    """The kind of a domain in words."""
    if domain.alias_of:
        return f'alias of {domain.alias_of}'
    return 'primary' if domain.name == primary else ''


def _state(domain: Domain) -> str:
    """The state of a domain in words."""
    if domain.gone:
        return f'off, removed from FreedomBox on {domain.gone:%Y-%m-%d}'
    return 'on' if domain.enabled else 'off'


def list_domains(arguments: argparse.Namespace) -> Output:
    """List domains."""
    with Store() as store:
        found, primary = store.search(Domain, arguments.text), store.settings().primary_domain
    data: dict[str, Any] = {'primary': primary, 'domains': [domain.to_json() for domain in found]}
    if arguments.names:
        return Output([domain.name for domain in found], data)
    rows = [(domain.unicode_name, _state(domain), _kind(domain, primary)) for domain in found]
    return Output(table(rows) or ['No mail domains found.'], data)
