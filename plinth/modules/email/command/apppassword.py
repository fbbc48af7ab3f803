# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email app-password add|list|remove`."""

import argparse
import sys
from datetime import datetime

from ..authentication import closing, device_passwords
from ..directory import apppassword
from ..directory.apppassword import READ, AppPassword
from ..directory.person import named
from ..directory.store import PageStore, Store
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add('add', add_password, 'create an app password for one device and print it once')
    add.add_argument('owner', help='FreedomBox user, or address of a mailbox')
    add.add_argument('label', help='device name')
    listing = verbs.add('list', list_passwords, 'list app passwords and their last use')
    listing.add_argument('owner', nargs='?', default='', help='show only this user or mailbox')
    listing.add_argument('--names', action='store_true', help='print only IDs, one per line')
    remove = verbs.add('remove', remove_password, 'revoke an app password')
    remove.add_argument('key', help='ID as printed by: freedombox-email app-password list')


def add_password(arguments: argparse.Namespace) -> Output:
    """Make a password."""
    with PageStore() as store:
        made = device_passwords.make(store, named(store, arguments.owner), arguments.label)
    if not made.told:
        print('The notification email to the owner could not be sent.', file=sys.stderr)
    data = {**made.entry.to_json(), 'password': made.password, 'told': made.told}
    return Output([made.password], {'password': data})


def remove_password(arguments: argparse.Namespace) -> Output:
    """Revoke a password."""
    with PageStore() as store:
        removed = closing.revoke(store, None, arguments.key)
    lines = [f'Revoked the app password {removed.key_id} of {removed.owner}.']
    return Output(lines, {'password': removed.to_json()})


def _used(moment: datetime | None) -> str:
    return f'{moment:%Y-%m-%d %H:%M}' if moment else 'never'


def password_row(password: AppPassword) -> tuple[str, ...]:
    """A password with its last uses."""
    return (
        password.key_id,
        password.owner,
        password.label,
        f'{password.use} {_used(password.last_read)}',
        f'sent {_used(password.last_sent)}' if password.use == READ else '',
    )


def list_passwords(arguments: argparse.Namespace) -> Output:
    """List passwords."""
    with Store() as store:
        owner = named(store, arguments.owner) if arguments.owner else None
        found = apppassword.of_owner(store, owner, use=None)
    data = {'passwords': [each.to_json() for each in found]}
    if arguments.names:
        return Output([each.key_id for each in found], data)
    rows = [password_row(each) for each in found]
    return Output(table(rows) or ['No app passwords found.'], data)
