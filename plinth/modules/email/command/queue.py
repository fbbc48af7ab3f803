# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email queue …`."""

import argparse

from ..activity.queue import MailQueue, QueuedMessage
from ..freedombox_seams import plain
from ..privileged import overview, queue
from ..sending.holds import HeldMail
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('list', list_queue, 'list held messages and messages waiting for delivery')
    for name, run, help_ in (
        ('release', release, 'send held messages now'),
        ('delete', delete, 'permanently delete held messages'),
    ):
        verb = verbs.add(name, run, help_)
        verb.add_argument(
            'which', metavar='ADDRESS|ID', help='mailbox that sent them, or ID of one message'
        )
    verbs.add('retry', retry, 'retry all messages waiting for delivery now')


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
        f'since {held.since:%Y-%m-%d %H:%M}',
        _limits(held),
    )


def _waiting_row(message: QueuedMessage) -> tuple[str, ...]:
    others = f' and {message.others} more' if message.others else ''
    return (
        'waiting',
        message.id,
        f'from {message.sender or "mail server"}',
        f'to {message.recipient}{others}',
        f'since {message.since:%Y-%m-%d %H:%M}',
        message.reason,
    )


def list_queue(_arguments: argparse.Namespace) -> Output:
    """List the queue, held messages first."""
    found = MailQueue.from_json(plain(queue.queue_look)())
    rows = [*map(_held_row, found.held), *map(_waiting_row, found.waiting)]
    lines = table(rows) if rows else ['The queue is empty.']
    if found.total > len(found.waiting):
        lines.append(f'and {found.total - len(found.waiting)} more waiting')
    return Output(lines, {'queue': found.to_json()})


def release(arguments: argparse.Namespace) -> Output:
    """Let held messages go out."""
    count = plain(queue.held_release)(arguments.which)
    return Output([f'Released {count} messages.'], {'released': count})


def delete(arguments: argparse.Namespace) -> Output:
    """Delete held messages."""
    count = plain(queue.held_drop)(arguments.which)
    return Output([f'Deleted {count} held messages.'], {'deleted': count})


def retry(_arguments: argparse.Namespace) -> Output:
    """Try to deliver all waiting messages."""
    plain(overview.queue_retry)()
    return Output(['Retrying all queued messages.'], {'retrying': True})
