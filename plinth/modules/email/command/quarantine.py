# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email quarantine …`."""

import argparse

from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs import quarantine_choices
from ..filtering import quarantine_acts
from ..freedombox_seams import plain
from ..mailstore import quarantine
from ..privileged import quarantine as actions
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    shown = verbs.add('list', list_messages, 'list messages in quarantine')
    shown.add_argument('address', help='address of the mailbox')
    for name, run, help_ in (
        ('release', release, 'move a message to the inbox'),
        ('delete', delete, 'delete a message in quarantine'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument('address', help='address of the mailbox')
        verb.add_argument('id', metavar='ID', help='ID as printed by “quarantine list”')
        if name == 'release':
            verb.add_argument('--allow', action='store_true', help='always accept its sender')
    mailbox = verbs.add('mailbox', choose, 'choose where possible spam for a mailbox goes')
    mailbox.add_argument('address', help='address of the mailbox')
    mailbox.add_argument(
        'choice', choices=('on', 'off', 'default'),
        help='to quarantine, to Junk, or as usual for all mailboxes',
    )  # fmt: skip
    usual = verbs.add('default', choose_usual, 'choose it for mailboxes without a choice')
    usual.add_argument('choice', choices=('on', 'off'), help='to quarantine, or to Junk')


def list_messages(arguments: argparse.Namespace) -> Output:
    """List messages in quarantine."""
    with Store() as store:
        found = quarantine.look(store.get(Mailbox, arguments.address))
    rows = [
        (each.id, f'{each.at:%Y-%m-%d %H:%M}', each.points, each.sender, each.subject)
        for each in found.messages
    ]
    return Output(table(rows) if rows else [], {'quarantine': found.to_json()})


def _decide(arguments: argparse.Namespace, decision: str, line: str) -> Output:
    with Store() as store:
        mailbox = store.get(Mailbox, arguments.address)
        message = quarantine_acts.carry_out(store, mailbox, arguments.id, decision)
    return Output([line], {'message': message.to_json()})


def release(arguments: argparse.Namespace) -> Output:
    """Move a message to the inbox."""
    decision = 'allow' if arguments.allow else 'release'
    return _decide(arguments, decision, 'Moved the message to the inbox.')


def delete(arguments: argparse.Namespace) -> Output:
    """Delete a message."""
    return _decide(arguments, 'delete', 'Deleted the message.')


def choose(arguments: argparse.Namespace) -> Output:
    """Choose where possible spam for a mailbox goes."""
    choice = '' if arguments.choice == 'default' else arguments.choice
    with Store() as store:
        mailbox = quarantine_choices.choose_quarantine(store, arguments.address, choice)
    return Output([f'The quarantine of {mailbox.address}: {arguments.choice}.'],
                  {'mailbox': mailbox.to_json()})  # fmt: skip


def choose_usual(arguments: argparse.Namespace) -> Output:
    """Choose where possible spam goes for mailboxes without a choice of their own."""
    plain(actions.quarantine_usual_set)(arguments.choice)
    return Output([f'The quarantine of mailboxes without a choice: {arguments.choice}.'],
                  {'default': arguments.choice})  # fmt: skip
