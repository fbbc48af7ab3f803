# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email end-date …`."""

import argparse

from ..directory.alias import Alias
from ..directory.entry import last_day
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs.endings import KINDS
from ..freedombox_seams import plain
from ..privileged import endings as actions
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('list', list_ends, 'list mailboxes and aliases with an end date')
    setting = verbs.add('set', set_end, 'set the last day of a mailbox or alias')
    setting.add_argument('address', help='address of the mailbox or alias')
    setting.add_argument('day', metavar='DATE', help='last day, for example 2027-01-31')
    setting.add_argument('--farewell', default='', help='text that senders get afterwards')
    remove = verbs.add('remove', remove_end, 'remove the end date of a mailbox or alias')
    remove.add_argument('address', help='address of the mailbox or alias')


def list_ends(_arguments: argparse.Namespace) -> Output:
    """List what has an end."""
    with Store() as store:
        found = [
            (entry.expires, entry)
            for kind in KINDS.values()
            for entry in store.having(kind, 'expires')
            if entry.expires is not None
        ]
    found.sort(key=lambda pair: (pair[0], pair[1].address))
    rows = [(entry.address, f'{last_day(end)}', entry.farewell) for end, entry in found]
    data = {'ends': [entry.to_json() for _end, entry in found]}
    return Output(table(rows) or ['No end dates found.'], data)


def _set(address: str, end: str, farewell: str) -> tuple[str, Mailbox | Alias]:
    with Store() as store:
        noun = 'mailbox' if store.find(Mailbox, address) else 'alias'
    answer = plain(actions.end_set)(noun, address, end, farewell)
    return noun, KINDS[noun].from_json(answer)


def set_end(arguments: argparse.Namespace) -> Output:
    """Set a last day."""
    noun, entry = _set(arguments.address, arguments.day, arguments.farewell)
    day = last_day(entry.expires) if entry.expires else ''
    return Output([f'{entry.address} works until the end of {day}.'], {noun: entry.to_json()})


def remove_end(arguments: argparse.Namespace) -> Output:
    """Remove a last day."""
    noun, entry = _set(arguments.address, '', '')
    return Output([f'{entry.address} has no end date.'], {noun: entry.to_json()})
