# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verb `freedombox-email resolve`."""

import argparse

from ..activity import delivery_path
from ..activity.delivery_path import Resolved
from .output import Output
from .parser import Verbs

_WORDS = {
    'mailbox': 'mailbox {entry}',
    'forward': 'mailbox {entry}, keeps no copy',
    'alias': 'alias',
    'pattern': 'wildcard {entry}',
    'reports': 'reports, processed automatically',
    'catch-all': 'catch-all {entry}',
    'alias-domain': 'domain alias',
    'remote': 'external address',
    'off': 'disabled, mail is rejected',
    'unknown': 'does not exist, mail is rejected',
    'loop': 'loop',
    'too-long': 'too many steps, not followed further',
}


def register(verbs: Verbs) -> None:
    """Add the verb to the parser."""
    verb = verbs.add('resolve', resolve, 'show the delivery path and allowed senders of an address')
    verb.add_argument('address', help='any email address')


def _in_words(found: Resolved) -> list[str]:
    """The path as lines to read."""
    lines = []
    for step in found.path.steps:
        what = _WORDS[step.kind].format(entry=step.entry)
        to = f' -> {", ".join(step.to)}' if step.to else ''
        lines.append(f'{"  " * step.depth}{step.address}: {what}{to}')
    senders = ', '.join(found.senders) or 'none'
    return [*lines, f'Allowed senders: {senders}']


def resolve(arguments: argparse.Namespace) -> Output:
    """Say where mail to an address goes."""
    found = delivery_path.resolve(arguments.address)
    lines = _in_words(found)
    postfix = found.postfix.to_json()
    if found.postfix.most:
        lines.append(f'Postfix was asked for the first {found.postfix.most} addresses only.')
    elif not found.agrees:
        lines += ['Postfix disagrees. Mail will actually go to:', f'  {postfix}']
    more = {'senders': list(found.senders), 'postfix': postfix, 'agrees': found.agrees}
    return Output(lines, {'path': {**found.path.to_json(), **more}})
