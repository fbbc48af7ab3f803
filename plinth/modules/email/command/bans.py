# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email bans`: households that are kept out."""

import argparse
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..authentication import bans
from ..authentication.bans import Ban, Bans, JailRules
from ..words import bans as words
from .output import Exit, Output, table
from .parser import Verbs

_PREFIX = 'freedombox-email-'


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    Verbs.add_search(verbs.add('list', list_bans, 'list blocked addresses and networks'))
    verbs.add('rules', show_rules, 'show the rules that block addresses, and whether they run')
    add = verbs.add('add', add_ban, 'block an address or network until it is removed')
    add.add_argument('network', metavar='ADDRESS', help='IP address or network to block')
    remove = verbs.add('remove', remove_ban, 'unblock an address or network')
    remove.add_argument(
        'network', metavar='ADDRESS', help='as printed by: freedombox-email bans list'
    )


def _kind(jail: str) -> str:
    """The short name of a rule."""
    return jail.removeprefix(_PREFIX)


def _time(moment: datetime | None) -> str:
    return f'{moment.astimezone():%Y-%m-%d %H:%M:%S}' if moment else '-'


def _data(ban: Ban) -> dict[str, Any]:
    return {**ban.to_json(), 'rule': _kind(ban.jail)}


def _lines(found: Iterable[Ban]) -> list[str]:
    rows = [
        (ban.network, _kind(ban.jail), _time(ban.since), _time(ban.until), words.BY_JAIL[ban.jail])
        for ban in found
    ]
    return table([('network', 'rule', 'since', 'until', 'reason'), *rows]) if rows else []


def _problems(found: Bans) -> list[str]:
    """Rules that are not in effect."""
    return [_kind(jail) for jail in found.missing] + ([] if found.counts else ['counter'])


def list_bans(arguments: argparse.Namespace) -> Output:
    """List all that are kept out."""
    found = [ban for ban in bans.look().bans if arguments.text in ban.network]
    data = {'bans': list(map(_data, found))}
    if arguments.names:
        return Output([ban.network for ban in found], data)
    return Output(_lines(found) or ['No addresses are blocked.'], data)


def _rule(rules: JailRules) -> tuple[str, ...]:
    bantime = 'no end' if rules.bantime < 0 else f'{rules.bantime} s'
    tries, window = (str(rules.tries), f'{rules.seconds} s') if rules.tries else ('-', '-')
    return (_kind(rules.jail), tries, window, bantime)


def show_rules(_arguments: argparse.Namespace) -> Output:
    """Show the rules; the exit status tells whether all are in effect."""
    found, head = bans.look(), ('rule', 'tries', 'within', 'blocked for')
    missing = _problems(found)
    lines = [
        *table([head, *map(_rule, found.jails)]),
        *(f'Not running: {name}' for name in missing),
    ]
    data = {'rules': [each.to_json() for each in found.jails], 'missing': missing}
    return Output(lines, data, Exit.FAILED if missing else Exit.OK)


def add_ban(arguments: argparse.Namespace) -> Output:
    """Block an address or network."""
    ban = bans.add(arguments.network)
    return Output([f'Blocked {ban.network}.'], {'ban': _data(ban)})


def remove_ban(arguments: argparse.Namespace) -> Output:
    """Unblock an address or network."""
    found = bans.remove(arguments.network)
    return Output([f'Unblocked {found[0].network}.'], {'bans': list(map(_data, found))})
