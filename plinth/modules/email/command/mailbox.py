# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email mailbox …`."""

import argparse
import getpass
import sys
from typing import Any

from ..directory.address import parse_domain
from ..directory.mailbox import Mailbox
from ..directory.mailboxes import RESET_HOURS
from ..directory.store import Store
from ..errors import MailError
from ..privileged import people as actions
from .output import Output, as_root, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add('add', add_mailbox, 'add a mailbox; its password is asked for or read')
    add.add_argument('address', help='its address, as in shop@example.org')
    add.add_argument(
        '--owner', metavar='USER', help='a FreedomBox user whose password opens it instead'
    )
    add.add_argument(
        '--take-over-mail', action='store_true', help='let it have mail kept for this address'
    )
    listing = verbs.add('list', list_mailboxes, 'list mailboxes')
    verbs.add_search(listing)
    listing.add_argument('--domain', help='only those in this domain')
    password = verbs.add('passwd', change_password, 'change the password of a mailbox')
    password.add_argument('address', help='the address of the mailbox')
    remove = verbs.add('remove', remove_mailbox, 'remove a mailbox; stored mail stays')
    remove.add_argument('address', help='the address of the mailbox')
    remove.add_argument('--delete-mail', action='store_true', help='delete its stored mail too')
    remove.add_argument('--force', action='store_true', help='even if aliases lead to it')
    _register_more(verbs)


def _register_more(verbs: Verbs) -> None:
    """Add the verbs for one mailbox that is there, and for mail that is left."""
    for name, run, help_ in (
        ('enable', enable, 'let a mailbox be used again'),
        ('disable', disable, 'refuse logins and new mail; stored mail stays'),
        ('show', show, 'say what a mailbox holds and when it was last read'),
        ('reset-link', make_link, 'create a one-time password link'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument('address', help='the address of the mailbox')
        if run is make_link:
            verb.add_argument('--hours', type=int, default=RESET_HOURS, help='how long it is valid')
    forward = verbs.add('forward', set_forwards, 'send a copy of all its mail elsewhere')
    forward.add_argument('address', help='the address of the mailbox')
    forward.add_argument('to', nargs='*', help='where to; nowhere when left out')
    note = verbs.add('note', set_note, 'note what a mailbox is for')
    note.add_argument('address', help='the address of the mailbox')
    note.add_argument('note', nargs='?', default='', help='one line; no note when left out')
    _register_kept(verbs)


def _register_kept(verbs: Verbs) -> None:
    """Add the verbs for mail of earlier owners."""
    verbs.add('kept', list_kept, 'list kept mail of mailboxes that were removed or changed hands')
    for name, run, help_ in (
        ('give-mail', give_mail, 'give kept mail to the mailbox that has its address today'),
        ('delete-mail', delete_mail, 'delete kept mail'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument('which', metavar='ADDRESS|ID', help='all of an address, or one of “kept”')


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
    added = as_root(actions.mailbox_add)(
        arguments.address, arguments.owner, password, arguments.take_over_mail
    )
    return Output([f'The mailbox {added["address"]} is ready.'], {'mailbox': added})


def change_password(arguments: argparse.Namespace) -> Output:
    """Change a password."""
    changed = as_root(actions.mailbox_set_password)(arguments.address, read_password())
    lines = [f'The mailbox {changed["address"]} has a new password.']
    return Output(lines, {'mailbox': changed})


def remove_mailbox(arguments: argparse.Namespace) -> Output:
    """Remove a mailbox."""
    removed = as_root(actions.mailbox_remove)(
        arguments.address, arguments.delete_mail, arguments.force
    )
    fate = 'deleted' if arguments.delete_mail else 'kept'
    lines = [f'The mailbox {removed["address"]} is removed, its stored mail is {fate}.']
    return Output(lines, {'mailbox': removed})


def enable(arguments: argparse.Namespace) -> Output:
    """Switch a mailbox on."""
    changed = as_root(actions.mailbox_change)(arguments.address, enabled=True)
    return Output([f'The mailbox {changed["address"]} is on.'], {'mailbox': changed})


def disable(arguments: argparse.Namespace) -> Output:
    """Switch a mailbox off."""
    changed = as_root(actions.mailbox_change)(arguments.address, enabled=False)
    lines = [f'The mailbox {changed["address"]} is off. Mail to it is refused, and none is lost.']
    return Output(lines, {'mailbox': changed})


def set_forwards(arguments: argparse.Namespace) -> Output:
    """Choose where a copy of all mail goes."""
    changed = as_root(actions.mailbox_change)(arguments.address, forwards=arguments.to)
    where = ', '.join(changed['forwards']) or 'nowhere else'
    return Output([f'Mail to {changed["address"]} also goes to {where}.'], {'mailbox': changed})


def set_note(arguments: argparse.Namespace) -> Output:
    """Note what a mailbox is for."""
    changed = as_root(actions.mailbox_change)(arguments.address, note=arguments.note)
    said = f'says “{changed["note"]}”' if changed['note'] else 'is gone'
    return Output([f'The note on {changed["address"]} {said}.'], {'mailbox': changed})


def _amount(found: dict[str, Any]) -> str:
    """Return in words how much mail there is."""
    least = '' if found['complete'] else 'at least '
    return f'{least}{found["messages"]} messages, {found["bytes"] / 2**20:.1f} MiB'


def show(arguments: argparse.Namespace) -> Output:
    """Say what a mailbox holds."""
    found = as_root(actions.mailbox_content)(arguments.address)
    rows = [
        ('address', found['address']),
        ('mail', _amount(found)),
        ('last read', found['last_login'] or 'unknown'),
    ]
    return Output(table(rows), {'content': found})


def make_link(arguments: argparse.Namespace) -> Output:
    """Create a link by which a new password can be chosen once."""
    made = as_root(actions.mailbox_reset_start)(arguments.address, arguments.hours)
    lines = [made['link'], f'Valid once, until {made["expires"]}.']
    return Output(lines, {'reset': made})


def list_kept(_arguments: argparse.Namespace) -> Output:
    """List stored mail that belongs to no mailbox."""
    found = as_root(actions.mail_kept)()
    rows = [
        (each['address'], f'since {each["since"][:10]}', _amount(each), each['id'])
        for each in found
    ]
    return Output(table(rows) or ['All stored mail belongs to a mailbox.'], {'kept': found})


def give_mail(arguments: argparse.Namespace) -> Output:
    """Give kept mail to the mailbox of today."""
    address = as_root(actions.mail_give)(arguments.which)
    return Output([f'{address} has the kept mail now.'], {'address': address})


def delete_mail(arguments: argparse.Namespace) -> Output:
    """Delete stored mail that belongs to no mailbox."""
    address = as_root(actions.mail_delete)(arguments.which)
    return Output([f'The kept mail of {address} is deleted.'], {'address': address})


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
    domain = parse_domain(arguments.domain) if arguments.domain else ''
    with Store() as store:
        found = store.search(Mailbox, arguments.text, domain=domain)
    data: dict[str, Any] = {'mailboxes': [mailbox.to_json() for mailbox in found]}
    if arguments.names:
        return Output([mailbox.address for mailbox in found], data)
    rows = [(mailbox.address, _state(mailbox), _owner(mailbox)) for mailbox in found]
    return Output(table(rows) or ['There is no such mailbox.'], data)
