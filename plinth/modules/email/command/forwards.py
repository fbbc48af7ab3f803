# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verb `freedombox-email forwards`."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..directory.alias import Alias
from ..directory.forward import StoppedForward
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..directory.verbs.forward_rules import Forwarding, is_outside
from ..directory.view import StoreView
from ..sending.forwards import FailingForward, known
from .output import Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verb to the parser."""
    verb = verbs.add('forwards', list_forwards, 'list forwards to other mail servers')
    verb.add_argument('text', nargs='?', default='', help='show only those that contain this text')


def _destinations(entry: Forwarding) -> tuple[str, ...]:
    return entry.forwards if isinstance(entry, Mailbox) else entry.destinations


def _day(moment: float) -> str:
    return f'{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}'


def _working(address: str, destination: str, failing: FailingForward | None) -> dict[str, Any]:
    """A forward mail goes to."""
    found = {'address': address, 'destination': destination, 'state': 'works', 'since': '',
             'reply': ''}  # fmt: skip
    if failing:
        found |= {'state': 'failing', 'since': _day(failing.since), 'reply': failing.reply}
    return found


def _rows(store: Store) -> Iterator[dict[str, Any]]:
    """All forwards to other servers, those that were stopped too."""
    view, failing = StoreView(store), known().failing
    entries: list[Forwarding] = [*store.search(Mailbox), *store.search(Alias)]
    for entry in entries:
        gone = [StoppedForward.parse(each) for each in entry.stopped]
        names = {each.address for each in gone}
        for destination in _destinations(entry):
            if is_outside(view, destination) and destination not in names:
                yield _working(entry.address, destination, failing.get(destination))
        for each in gone:
            state = 'denied' if each.cause == 'denied' else 'stopped'
            yield {'address': entry.address, 'destination': each.address, 'state': state,
                   'since': f'{each.since:%Y-%m-%d}', 'reply': each.reply}  # fmt: skip


_STATES = {
    'works': 'on',
    'failing': 'failing',
    'denied': 'off, not allowed',
    'stopped': 'off, failed',
}


def list_forwards(arguments: argparse.Namespace) -> Output:
    """List forwards to other servers."""
    with Store() as store:
        found = list(_rows(store))
    wanted = [
        each for each in found if arguments.text in f'{each["address"]} {each["destination"]}'
    ]
    rows = [
        (each['address'], each['destination'], _STATES[each['state']], each['since'], each['reply'])
        for each in wanted
    ]
    return Output(table(rows) or ['No mail is forwarded to other mail servers.'],
                  {'forwards': wanted})  # fmt: skip
