# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email guard …`."""

import argparse
import dataclasses
from typing import Any

from ..directory.guard import ACTS, Guard
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs import guards
from ..freedombox_seams import plain
from ..mailstore import waiting
from ..mailstore.waiting import WaitingMail
from ..privileged import guards as actions
from ..rules import guarding
from .output import Output, table
from .parser import Verbs

_CHOICES = (
    ('--receive', ('known', 'anyone'), 'from whom mail is delivered directly'),
    ('--write', ('known', 'anyone'), 'to whom the user may send'),
    *((f'--may-{act}', ('yes', 'no'), f'whether the user may {text}') for act, text in zip(
        ACTS, ('forward mail', 'change filters', 'change the password', 'approve waiting mail'),
        strict=True,
    )),
)  # fmt: skip


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('list', list_guarded, 'list guarded mailboxes')
    rules = verbs.add('set', set_guard, 'guard a mailbox, or change its rules')
    rules.add_argument('address', help='address of the mailbox')
    rules.add_argument(
        '--guardian', dest='guardians', action='append', metavar='USER',
        help='user who approves mail, or address of a stand-alone mailbox; repeat for more',
    )  # fmt: skip
    rules.add_argument(
        '--known', action='append', metavar='ADDRESS|@DOMAIN',
        help='known correspondent; repeat for more, the list is replaced',
    )  # fmt: skip
    rules.add_argument(
        '--hours', action='append', metavar='DAY HH:MM-HH:MM',
        help='when it can be opened, for example "1 15:00-19:00" (1 is Monday); repeat for more, '
        '"any" for any time',
    )  # fmt: skip
    for option, choices, text in _CHOICES:
        rules.add_argument(option, choices=choices, help=text)
    off = verbs.add('off', remove_guard, 'guard a mailbox no longer')
    off.add_argument('address', help='address of the mailbox')
    known = verbs.add('know', know, 'add known correspondents to a guarded mailbox')
    known.add_argument('address', help='address of the mailbox')
    known.add_argument('known', nargs='+', metavar='ADDRESS|@DOMAIN', help='known correspondent')
    _register_waiting(verbs)


def _register_waiting(verbs: Verbs) -> None:
    """Add the verbs for mail that waits."""
    shown = verbs.add('waiting', show_waiting, 'list messages that wait for approval')
    shown.add_argument('address', help='address of the mailbox')
    for name, run, help_ in (
        ('approve', approve, 'deliver a message that waits'),
        ('delete', delete, 'permanently delete a message that waits'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument('address', help='address of the mailbox')
        verb.add_argument('id', metavar='ID', help='ID as printed by “guard waiting”')
        if run is approve:
            verb.add_argument('--know', action='store_true', help='accept its sender from now on')


def _row(store: Store, mailbox: Mailbox, guard: Guard) -> tuple[str, ...]:
    names = ', '.join(guards.names_of(store, guard)) or '-'
    receives = f'known ({len(guard.known)})' if guard.receives_known else 'anyone'
    writes = 'known' if guard.writes_known else 'anyone'
    hours = ', '.join(guard.hours) or 'any time'
    return mailbox.address, names, receives, writes, hours, ', '.join(guard.may) or '-'


def list_guarded(_arguments: argparse.Namespace) -> Output:
    """List guarded mailboxes."""
    with Store() as store:
        pairs = [(each, each.guard) for each in store.having(Mailbox, 'guard_rules')]
        found = [(each, guard) for each, guard in pairs if guard]
        rows = [_row(store, each, guard) for each, guard in found]
    head = ('mailbox', 'guardians', 'mail from', 'mail to', 'open', 'user may')
    data = {'guards': {each.address: guard.to_json() for each, guard in found}}
    return Output(table([head, *rows]) if rows else [], data)


def _changed(arguments: argparse.Namespace, store: Store, before: Guard) -> Guard:
    """The rules as the options want them; what is not given stays."""
    fields: dict[str, Any] = {}
    if arguments.guardians is not None:
        fields['guardians'] = guards.identities(store, arguments.guardians)
    if arguments.known is not None:
        fields['known'] = tuple(arguments.known)
    if arguments.receive:
        fields['receives_known'] = arguments.receive == 'known'
    if arguments.write:
        fields['writes_known'] = arguments.write == 'known'
    if arguments.hours is not None:
        fields['hours'] = () if arguments.hours == ['any'] else tuple(arguments.hours)
    chosen = {act: getattr(arguments, f'may_{act}') for act in ACTS}
    fields['may'] = tuple(
        act for act in ACTS if chosen[act] == 'yes' or (not chosen[act] and act in before.may)
    )
    return dataclasses.replace(before, **fields)


def set_guard(arguments: argparse.Namespace) -> Output:
    """Guard a mailbox, or change its rules."""
    with Store() as store:
        mailbox = store.get(Mailbox, arguments.address)
        guard = _changed(arguments, store, mailbox.guard or Guard())
    answer = plain(actions.guard_set)(mailbox.address, **guard.to_json(), version=mailbox.version)
    return _output(Mailbox.from_json(answer), f'{mailbox.address} is guarded.')


def _output(mailbox: Mailbox, line: str) -> Output:
    return Output([line], {'mailbox': mailbox.to_json()})


def remove_guard(arguments: argparse.Namespace) -> Output:
    """Guard a mailbox no longer."""
    mailbox = Mailbox.from_json(plain(actions.guard_remove)(arguments.address))
    return _output(mailbox, f'{mailbox.address} is no longer guarded.')


def know(arguments: argparse.Namespace) -> Output:
    """Add known correspondents."""
    mailbox = Mailbox.from_json(plain(actions.guard_know)(arguments.address, arguments.known))
    return _output(mailbox, f'{mailbox.address} knows {len(mailbox.known)} correspondents.')


def _mailbox(arguments: argparse.Namespace) -> Mailbox:
    with Store() as store:
        return store.get(Mailbox, arguments.address)


def show_waiting(arguments: argparse.Namespace) -> Output:
    """List messages that wait."""
    found: WaitingMail = waiting.look(_mailbox(arguments))
    rows = [
        (each.id, f'{each.at:%Y-%m-%d %H:%M}', each.author or f'{each.sender} (not verified)',
         each.subject) for each in found.messages
    ]  # fmt: skip
    return Output(table(rows) if rows else [], found.to_json())


def _decide(arguments: argparse.Namespace, decision: guarding.Decision, line: str) -> Output:
    with Store() as store:
        mailbox = store.get(Mailbox, arguments.address)
        message = guarding.decide(store, mailbox, arguments.id, decision)
    return Output([line], {'message': message.to_json()})


def approve(arguments: argparse.Namespace) -> Output:
    """Deliver a message that waits."""
    decision: guarding.Decision = 'know' if arguments.know else 'once'
    return _decide(arguments, decision, 'Delivered the message.')


def delete(arguments: argparse.Namespace) -> Output:
    """Delete a message that waits."""
    return _decide(arguments, 'delete', 'Deleted the message.')
