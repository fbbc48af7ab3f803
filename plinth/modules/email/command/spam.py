# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email spam …`."""

import argparse

from ..directory.mailbox import Mailbox
from ..directory.store import PageStore, Store
from ..filtering import memories, memory_file
from ..filtering.bulk_learning import BulkLearning
from ..filtering.memories import Learned
from ..freedombox_seams import plain
from ..privileged import spam_filter
from . import spam_lists
from .output import Output, table
from .parser import Verbs
from .site import read_file

_HEAD = ('', 'junk', 'wanted', 'used')


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('show', show, 'show how many messages the spam filter learned')
    learn = verbs.add('learn', learn_stored, 'learn from stored mail of a mailbox')
    learn.add_argument('address', help='address of the mailbox')
    forget = verbs.add('forget', forget_learned, 'forget what was learned for a mailbox')
    forget.add_argument('address', help='address of the mailbox')
    _add_files(verbs)
    spam_lists.register(verbs)


def _add_files(verbs: Verbs) -> None:
    export = verbs.add('export', export_memory, 'print what was learned for a mailbox, for import')
    export.add_argument('address', help='address of the mailbox')
    load = verbs.add('import', import_memory, 'replace what was learned by what export printed')
    load.add_argument('address', help='address of the mailbox')
    load.add_argument('file', help='file with the output of export, or - for standard input')


def _row(name: str, found: Learned) -> tuple[str, ...]:
    return name, str(found.junk), str(found.wanted), 'yes' if found.is_used else 'no'


def show(_arguments: argparse.Namespace) -> Output:
    """Show what was learned, for all and for each mailbox."""
    with Store() as store:
        found = {each.address: memories.learned(each.memory) for each in store.search(Mailbox)}
    shared = memories.learned_shared()
    rows = [_HEAD, _row('shared', shared), *(_row(name, each) for name, each in found.items())]
    data = {
        'shared': shared.to_json(),
        'mailboxes': {name: each.to_json() for name, each in found.items()},
    }
    return Output(table(rows), data)


def learn_stored(arguments: argparse.Namespace) -> Output:
    """Learn from stored mail."""
    done = BulkLearning.from_json(plain(spam_filter.spam_learn)(arguments.address))
    lines = [f'Learned from {done.junk} junk and {done.wanted} wanted messages.']
    if not done.complete:
        lines.append('There was not enough time for all of them. Run it again to go on.')
    return Output(lines, {'learned': done.to_json()})


def forget_learned(arguments: argparse.Namespace) -> Output:
    """Forget what was learned for a mailbox."""
    plain(spam_filter.spam_forget)(arguments.address)
    return Output([f'The filter forgot what it learned from {arguments.address}.'], {})


def export_memory(arguments: argparse.Namespace) -> Output:
    """Print all that was learned for a mailbox."""
    with Store() as store:
        found = memories.export(store.get(Mailbox, arguments.address))
    data = {'junk': found.junk, 'wanted': found.wanted, 'pairs': len(found.pairs)}
    return Output(str(found).splitlines(), {'exported': data})


def import_memory(arguments: argparse.Namespace) -> Output:
    """Replace what was learned for a mailbox."""
    text = memory_file.parse(read_file(arguments.file))
    with PageStore() as store:
        memories.import_(store, store.get(Mailbox, arguments.address), text)
    return Output([f'Imported what was learned for {arguments.address}.'], {})
