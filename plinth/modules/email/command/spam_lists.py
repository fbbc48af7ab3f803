# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email spam …` for lists of senders, the score for junk and greylisting."""

import argparse
import sys
from typing import Any

from ..activity.held_off import HeldOffList
from ..directory.mailbox import Mailbox
from ..directory.sender_lists import MOST_TEXT, SenderList, SenderLists, list_text
from ..directory.store import Store
from ..freedombox_seams import plain
from ..privileged import spam_lists as actions
from .output import Output, table
from .parser import Verbs

_LISTS: tuple[tuple[str, SenderList, str], ...] = (
    ('allow', 'allowed', 'always accept mail from senders, where it is proven to be theirs'),
    ('deny', 'denied', 'refuse mail from senders'),
)


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    for name, which, help_ in _LISTS:
        verb = verbs.add(name, change_list, help_)
        verb.add_argument('senders', nargs='+', metavar='ADDRESS|DOMAIN', help='sender')
        verb.add_argument('--remove', action='store_true', help='take them off the list')
        verb.set_defaults(which=which)
        _add_mailbox(verb)
    threshold = verbs.add('threshold', choose_score, 'set the score from which mail is junk')
    threshold.add_argument('score', help='strict, usual, lenient, or a number from 2 to 14')
    _add_mailbox(threshold)
    exporting = verbs.add('export-list', export_list, 'print a list as text')
    importing = verbs.add('import-list', import_list, 'replace a list by text from standard input')
    for verb in (exporting, importing):
        verb.add_argument('which', choices=['allowed', 'denied'], help='list')
        _add_mailbox(verb)
    held = verbs.add('held', show_held, 'list messages that were held off for suspicion')
    held.add_argument('address', help='address of the mailbox')
    letting = verbs.add('let-in', let_in, 'let mail of a sender in at its next try')
    letting.add_argument('address', help='address of the mailbox')
    letting.add_argument('sender', help='address of the sender')
    greylisting = verbs.add('greylisting', choose_greylisting, 'turn greylisting on or off')
    greylisting.add_argument('enabled', choices=['on', 'off'], help='on or off')


def _add_mailbox(verb: argparse.ArgumentParser) -> None:
    verb.add_argument('--mailbox', default='', metavar='ADDRESS', help='mailbox (default: for all)')


def _lists(address: str) -> SenderLists:
    """The lists of a mailbox, or those for all."""
    with Store() as store:
        return SenderLists.of(store.get(Mailbox, address) if address else store.settings())


def _change(address: str, act: str, text: str) -> SenderLists:
    """Change the lists of a mailbox, or those for all."""
    if address:
        answer = plain(actions.sender_lists_change)(address, act, text)
        return SenderLists.of(Mailbox.from_json(answer))
    return SenderLists.from_json(plain(actions.common_lists_change)(act, text))


def _output(lists: SenderLists) -> Output:
    rows = [('allowed', str(len(lists.allowed))), ('denied', str(len(lists.denied)))]
    rows.append(('junk from', str(lists.junk_score or 'usual')))
    data: dict[str, Any] = {'lists': lists.to_json()}
    return Output(table(rows), data)


def change_list(arguments: argparse.Namespace) -> Output:
    """Add senders to a list, or take them off."""
    act = f'{"remove" if arguments.remove else "add"}-{arguments.which}'
    return _output(_change(arguments.mailbox, act, list_text(arguments.senders)))


def choose_score(arguments: argparse.Namespace) -> Output:
    """Choose the score from which mail is junk."""
    return _output(_change(arguments.mailbox, 'score', arguments.score))


def export_list(arguments: argparse.Namespace) -> Output:
    """Print a list as text."""
    lists = _lists(arguments.mailbox)
    return Output(list(getattr(lists, arguments.which)), {'lists': lists.to_json()})


def import_list(arguments: argparse.Namespace) -> Output:
    """Replace a list by text from standard input."""
    text = sys.stdin.read(MOST_TEXT + 1)
    return _output(_change(arguments.mailbox, f'set-{arguments.which}', text))


def show_held(arguments: argparse.Namespace) -> Output:
    """List messages that were held off."""
    found = HeldOffList.from_json(plain(actions.held_off_look)(arguments.address))
    rows = [
        (each.sender, f'{each.last:%Y-%m-%d %H:%M}', str(each.tries), 'let in' * each.let_in)
        for each in found.messages
    ]
    head = ('sender', 'last try', 'tries', '')
    return Output(table([head, *rows]) if rows else [], found.to_json())


def let_in(arguments: argparse.Namespace) -> Output:
    """Let mail of a sender in at its next try."""
    plain(actions.sender_let_in)(arguments.address, arguments.sender)
    line = f'Mail of {arguments.sender} to {arguments.address} gets in at its next try.'
    return Output([line], {'sender': arguments.sender})


def choose_greylisting(arguments: argparse.Namespace) -> Output:
    """Turn greylisting on or off."""
    enabled = arguments.enabled == 'on'
    plain(actions.greylisting_set)(enabled)
    return Output([f'Greylisting is {arguments.enabled}.'], {'greylisting': enabled})
