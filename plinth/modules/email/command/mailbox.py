# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email mailbox add|list|passwd|remove`."""

import argparse
import getpass
import sys
from typing import Any

from ..directory.address import parse_domain
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError
from ..privileged import directory as actions
from .output import Output, as_root, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add('add', add_mailbox, 'add a mailbox; its password is asked for or read')
    add.add_argument('address', help='its address, as in shop@example.org')
    add.add_argument(
        '--owner', metavar='USER', help='a FreedomBox user whose password opens it instead'
    )
    listing = verbs.add('list', list_mailboxes, 'list mailboxes')
    verbs.add_search(listing)
    listing.add_argument('--domain', help='only those in this domain')
    password = verbs.add('passwd', change_password, 'change the password of a mailbox')
    password.add_argument('address', help='the address of the mailbox')
    remove = verbs.add('remove', remove_mailbox, 'remove a mailbox; stored mail stays')
    remove.add_argument('address', help='the address of the mailbox')
    remove.add_argument('--delete-mail', action='store_true', help='delete its stored mail too')


def read_password() -> str:
    """Ask for a password twice, or read one line where nobody sits at a terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip('\n')
    first = getpass.getpass('Password: ')
    if getpass.getpass('The same again: ') != first:
        raise MailError('password-invalid', 'The two passwords differ.')
    return first


def add_mailbox(arguments: argparse.Namespace) -> Output:
    """Add a mailbox."""
    password = None if arguments.owner else read_password()
    added = as_root(actions.mailbox_add)(arguments.address, arguments.owner, password)
    return Output([f'The mailbox {added["address"]} is ready.'], {'mailbox': added})


def change_password(arguments: argparse.Namespace) -> Output:
    """Change a password."""
    changed = as_root(actions.mailbox_set_password)(arguments.address, read_password())
    lines = [f'The mailbox {changed["address"]} has a new password.']
    return Output(lines, {'mailbox': changed})


def remove_mailbox(arguments: argparse.Namespace) -> Output:
    """Remove a mailbox."""
    removed = as_root(actions.mailbox_remove)(arguments.address, arguments.delete_mail)
    fate = 'deleted' if arguments.delete_mail else 'kept'
    lines = [f'The mailbox {removed["address"]} is removed, its stored mail is {fate}.']
    return Output(lines, {'mailbox': removed})


def _owner(mailbox: Mailbox) -> str:
    """Return in words whose password opens a mailbox."""
    return 'password of its own' if mailbox.stands_alone else f'user {mailbox.owner}'


def _state(mailbox: Mailbox) -> str:
    """Return in words whether a mailbox is in use."""
    if mailbox.gone:
        return f'off, user gone since {mailbox.gone:%Y-%m-%d}'
    return 'on' if mailbox.enabled else 'off'


def list_mailboxes(arguments: argparse.Namespace) -> Output:
    """List mailboxes."""
    with Store() as store:
        found = store.search(Mailbox, arguments.text)
    if arguments.domain:
        domain = parse_domain(arguments.domain)
        found = tuple(mailbox for mailbox in found if mailbox.domain == domain)
    data: dict[str, Any] = {'mailboxes': [mailbox.to_json() for mailbox in found]}
    if arguments.names:
        return Output([mailbox.address for mailbox in found], data)
    rows = [(mailbox.address, _state(mailbox), _owner(mailbox)) for mailbox in found]
    return Output(table(rows) or ['There is no such mailbox.'], data)
