# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verb `freedombox-email resolve`."""

import argparse
from typing import Any

from ..privileged import lookups
from .output import Output, as_root
from .parser import Verbs

_WORDS = {
    'mailbox': 'is the mailbox {entry}',
    'alias': 'is an alias',
    'pattern': 'fits the pattern {entry}',
    'reports': 'is read by this box: reports of other mail servers',
    'catch-all': 'is caught by {entry}, for nobody else has it',
    'alias-domain': 'is in a domain that shares the addresses of another',
    'remote': 'is elsewhere',
    'off': 'is switched off, so mail to it is refused',
    'unknown': 'does not exist, so mail to it is refused',
    'loop': 'leads back to where the mail came from',
}


def register(verbs: Verbs) -> None:
    """Add the verb to the parser."""
    verb = verbs.add('resolve', resolve, 'say where mail to an address goes and who may send as it')
    verb.add_argument('address', help='any address')


def _in_words(found: dict[str, Any]) -> list[str]:
    """Return the path as lines to read."""
    lines = []
    for step in found['steps']:
        what = _WORDS[step['kind']].format(**step)
        to = f', and goes on to {", ".join(step["to"])}' if step['to'] else ''
        lines.append(f'{"  " * step["depth"]}{step["address"]} {what}{to}.')
    senders = ', '.join(found['senders']) or 'nobody'
    return [*lines, f'May send as {found["address"]}: {senders}.']


def resolve(arguments: argparse.Namespace) -> Output:
    """Say where mail to an address goes."""
    found = as_root(lookups.resolve)(arguments.address)
    lines = _in_words(found)
    if not found['agrees']:
        lines += ['Postfix says something else:', f'  {found["postfix"]}']
    return Output(lines, {'path': found})
