# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email mailbox deleted` and `undelete`."""

import argparse

from ..freedombox_seams import plain
from ..mailstore.deleted_mail import RESTORED, DeletedMail
from ..privileged import storage
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    listing = verbs.add('deleted', list_deleted, 'list messages that were deleted lately')
    listing.add_argument('address', help='address of the mailbox')
    back = verbs.add('undelete', undelete, f'restore deleted messages into the folder {RESTORED}')
    back.add_argument('address', help='address of the mailbox')
    back.add_argument('number', nargs='+', type=int, help='as printed by “mailbox deleted”')


def list_deleted(arguments: argparse.Namespace) -> Output:
    """List the latest deleted messages."""
    found = DeletedMail.from_json(plain(storage.deleted_look)(arguments.address))
    rows = [
        (str(each.uid), f'{each.deleted:%Y-%m-%d %H:%M}', each.sender, each.subject)
        for each in found.messages
    ]
    lines = table(rows) or [f'No messages of {found.address} were deleted lately.']
    if found.total > len(rows):
        lines.append(f'{found.total - len(rows)} earlier ones are not listed.')
    return Output(lines, {'deleted': found.to_json()})


def undelete(arguments: argparse.Namespace) -> Output:
    """Restore deleted messages."""
    number = plain(storage.deleted_restore)(arguments.address, arguments.number)
    return Output([f'Restored {number} messages into the folder {RESTORED}.'], {'count': number})
