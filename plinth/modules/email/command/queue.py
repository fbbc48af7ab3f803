# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email queue …`."""

import argparse
from datetime import datetime
from typing import Any

from ..activity.queue import MOST_ROWS, QueueListing
from ..activity.queue_entry import QueueEntry, Which
from ..activity.queued_headers import HeaderField
from ..errors import MailError
from ..freedombox_seams import plain
from ..privileged import queue
from ..sending.holds import HeldMail
from .output import Output, table
from .parser import Run, Verbs

_STATES = (
    ('--all', 'all', 'all messages, also held ones'),
    ('--deferred', 'deferred', 'only messages another server did not take yet'),
    ('--held', 'held', 'only held messages'),
)
Choice = tuple[str, str, str, list[str]]
"""Messages as root's actions take them: by state, destination, sender and name."""


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    listed = verbs.add('list', list_queue, 'list held messages and messages waiting for delivery')
    _add_options(listed)
    listed.add_argument('--skip', type=int, default=0, metavar='N', help='start after N messages')
    listed.add_argument(
        '--most', type=int, default=MOST_ROWS, metavar='N', help='show at most N messages'
    )
    shown = verbs.add('show', show, 'show a message, its recipients and why it waits')
    shown.add_argument('name', metavar='ID', help='ID of the message')
    shown.add_argument('--headers', action='store_true', help='show its header too, not its body')
    _add_act(verbs, 'retry', retry, 'retry messages waiting for delivery now')
    _add_act(verbs, 'hold', hold, 'hold messages until they are released')
    _add_act(verbs, 'release', release, 'send held messages now')
    for name, run, help_ in (
        ('bounce', bounce, 'return messages to their senders now'),
        ('delete', delete, 'permanently delete messages'),
    ):
        verb = _add_act(verbs, name, run, help_)
        verb.add_argument(
            '--count', type=int, metavar='N', help='confirm that up to N messages are lost'
        )


def _add_options(verb: argparse.ArgumentParser) -> None:
    """Add the options messages are chosen by."""
    verb.add_argument(
        '--to', dest='destination', default='', metavar='DOMAIN', help='messages to this domain'
    )
    verb.add_argument(
        '--from', dest='sender', default='', metavar='ADDRESS',
        help='messages from this address, or from “<>” for reports',
    )  # fmt: skip
    states = verb.add_mutually_exclusive_group()
    for option, which, help_ in _STATES:
        states.add_argument(option, dest='which', action='store_const', const=which, help=help_)


def _add_act(verbs: Verbs, name: str, run: Run, help_: str) -> argparse.ArgumentParser:
    """Add a verb that acts on messages."""
    verb = verbs.add(name, run, help_)
    held = name in ('release', 'delete')
    verb.add_argument(
        'names', nargs='*', metavar='ADDRESS|ID' if held else 'ID',
        help='IDs of messages, or the mailbox whose held messages are meant' if held
        else 'IDs of messages',
    )  # fmt: skip
    _add_options(verb)
    return verb


def _is_chosen(arguments: argparse.Namespace) -> bool:
    """Whether options choose messages."""
    return bool(arguments.destination or arguments.sender or arguments.which)


def _mailbox(arguments: argparse.Namespace) -> str:
    """The mailbox whose held messages are meant, '' for messages that are chosen otherwise."""
    names = arguments.names
    if not any('@' in name for name in names):
        return ''
    if len(names) > 1 or _is_chosen(arguments):
        raise MailError('usage-invalid.two-ways')
    return str(names[0])


def _choice(arguments: argparse.Namespace, which: Which) -> Choice:
    """The messages that are meant: by name, or by options, in a state that they may leave out."""
    if arguments.names and _is_chosen(arguments):
        raise MailError('usage-invalid.two-ways')
    if arguments.names:
        return 'named', '', '', list(dict.fromkeys(arguments.names))
    if not _is_chosen(arguments):
        raise MailError('usage-invalid.no-messages')
    return arguments.which or which, arguments.destination, arguments.sender, []


def _confirmed(arguments: argparse.Namespace, chosen: Choice) -> int:
    """The number of messages that may be lost; those named are confirmed by their names."""
    if chosen[3] or arguments.count is not None:
        return len(chosen[3]) if arguments.count is None else int(arguments.count)
    found = QueueListing.from_json(plain(queue.queue_list)(*chosen[:3], 0, 1))
    if not found.total:
        raise MailError('queued-missing.none')
    raise _unconfirmed(found.total, found.bytes)


def _unconfirmed(messages: int, size: int) -> MailError:
    """The number of messages that would be lost, as a refusal."""
    return MailError('queue-changed.unconfirmed', count=messages, size=f'{size / 1e6:.1f} MB')


def _at(moment: datetime | None) -> str:
    return f'{moment:%Y-%m-%d %H:%M}' if moment else '?'


def _limits(held: HeldMail) -> str:
    """The limits that were reached."""
    found = [f'{limit} limit {most}' for limit, most in sorted(held.limits.items())]
    return ', '.join(found) or 'held by an administrator'


def _held_row(held: HeldMail) -> tuple[str, ...]:
    return (
        'held',
        held.login or held.ids[0],
        f'{held.messages} messages',
        f'{held.recipients} recipients',
        f'since {_at(held.since)}',
        _limits(held),
    )


def _why(message: QueueEntry) -> str:
    """The reason why a message waits."""
    if message.is_held:
        return f'{message.limit} limit of {message.login}' if message.limit else 'held'
    return message.reason


def _row(message: QueueEntry) -> tuple[str, ...]:
    first = message.recipients[0].address if message.recipients else '?'
    others = f' and {message.count - 1} more' if message.count > 1 else ''
    return (
        'held' if message.is_held else 'waiting',
        message.id,
        f'from {message.sender or "mail server"}',
        f'to {first}{others}',
        f'since {_at(message.since)}',
        f'next {_at(message.next_try)}' if message.next_try else message.place,
        _why(message),
    )


def list_queue(arguments: argparse.Namespace) -> Output:
    """List the queue, held messages by mailbox first."""
    which = arguments.which or 'moving'
    choice = which, arguments.destination, arguments.sender
    answer = plain(queue.queue_list)(*choice, arguments.skip, arguments.most)
    found = QueueListing.from_json(answer)
    lines = table([*map(_held_row, found.held)]) if which == 'moving' else []
    lines += table([*map(_row, found.messages)])
    behind = found.total - found.first - len(found.messages)
    if behind > 0:
        lines.append(f'and {behind} more')
    if found.unreadable:
        lines.append(f'and {found.unreadable} that could not be read')
    return Output(lines or ['The queue has no such messages.'], {'queue': found.to_json()})


def _facts(message: QueueEntry) -> list[tuple[str, str]]:
    """The facts about a message, each with its name."""
    facts = [
        ('ID', message.id),
        ('State', message.place),
        ('From', message.sender or 'mail server'),
        ('Size', f'{message.bytes} bytes'),
        ('Since', _at(message.since)),
    ]
    if message.next_try:
        facts.append(('Next try', _at(message.next_try)))
    if not message.is_held:
        facts.append(('Returned', _at(message.ends)))
    return facts


def show(arguments: argparse.Namespace) -> Output:
    """Show a message in the queue, and its header if asked for."""
    message = QueueEntry.from_json(plain(queue.queue_show)(arguments.name))
    lines = table(_facts(message))
    lines += table([('To', each.address, each.reason) for each in message.recipients])
    data: dict[str, Any] = {'message': message.to_json()}
    if arguments.headers:
        found = plain(queue.queue_headers)(arguments.name)
        fields = map(HeaderField.from_json, found)
        lines += ['', *(f'{each.name}: {each.value}' for each in fields)]
        data['headers'] = found
    return Output(lines, data)


def retry(arguments: argparse.Namespace) -> Output:
    """Try messages again, all that wait if none are named."""
    if not arguments.names and not _is_chosen(arguments):
        arguments.which = 'moving'
    count = plain(queue.queue_retry)(*_choice(arguments, 'moving'))
    return Output([f'Retrying {count} messages.'], {'retrying': count})


def hold(arguments: argparse.Namespace) -> Output:
    """Hold messages."""
    count = plain(queue.queue_hold)(*_choice(arguments, 'moving'))
    return Output([f'Held {count} messages.'], {'held': count})


def release(arguments: argparse.Namespace) -> Output:
    """Let held messages go out, of a mailbox or chosen otherwise."""
    if mailbox := _mailbox(arguments):
        count = plain(queue.held_release)(mailbox)
    else:
        count = plain(queue.queue_release)(*_choice(arguments, 'held'))
    return Output([f'Released {count} messages.'], {'released': count})


def bounce(arguments: argparse.Namespace) -> Output:
    """Have messages returned to their senders."""
    chosen = _choice(arguments, 'all')
    count = plain(queue.queue_bounce)(*chosen, 0, _confirmed(arguments, chosen))
    return Output([f'Returned {count} messages.'], {'returned': count})


def delete(arguments: argparse.Namespace) -> Output:
    """Delete messages, the held ones of a mailbox or chosen otherwise."""
    if mailbox := _mailbox(arguments):
        count = plain(queue.held_drop)(mailbox, _confirmed_held(arguments, mailbox))
    else:
        chosen = _choice(arguments, 'all')
        count = plain(queue.queue_delete)(*chosen, 0, _confirmed(arguments, chosen))
    return Output([f'Deleted {count} messages.'], {'deleted': count})


def _confirmed_held(arguments: argparse.Namespace, mailbox: str) -> int:
    """The number of held messages of a mailbox that may be lost."""
    if arguments.count is not None:
        return int(arguments.count)
    found = QueueListing.from_json(plain(queue.queue_list)('held', '', '', 0, 1))
    for held in found.held:
        if held.login == mailbox:
            raise _unconfirmed(held.messages, held.bytes)
    raise MailError('held-missing', name=mailbox)
