# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email route show|set|test`."""

import argparse

from ..directory.domain import Domain
from ..directory.mailbox import Mailbox
from ..directory.route import EVERYWHERE, Route, RouteRule
from ..directory.store import Store
from ..errors import MailError
from ..maintenance import relaying as actions
from ..sending import route_trial
from ..words import route as words
from ..words.dns import speak_english
from .follow import follow
from .output import SIGNS, Exit, Output, table
from .parser import Verbs

_DEFAULT = 'default'


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('show', show_routes, 'show how outgoing mail is sent')
    setting = verbs.add('set', set_route, 'choose how outgoing mail is sent')
    setting.add_argument('way', help='direct, relay:NAME, fallback:NAME (direct first), or default')
    scope = setting.add_mutually_exclusive_group(required=True)
    scope.add_argument('--all', action='store_true', help='for all mail')
    scope.add_argument('--domain', help='for mail from this domain')
    scope.add_argument('--mailbox', metavar='ADDRESS', help='for mail from this mailbox')
    scope.add_argument(
        '--destination', nargs='+', metavar='DOMAIN', help='for mail to these domains'
    )
    testing = verbs.add('test', test_route, 'test the way out without sending a message')
    testing.add_argument('--from', dest='sender', default='', metavar='ADDRESS', help='sender')
    testing.add_argument('--to', dest='recipient', default='', metavar='ADDRESS', help='recipient')


def _in_words(text: str) -> str:
    route = Route.parse(text)
    return str(words.choice(route.kind, route.relay))


def show_routes(_arguments: argparse.Namespace) -> Output:
    """Show all choices that were made."""
    speak_english()
    with Store() as store:
        rules = {rule.place: rule.route for rule in store.search(RouteRule)}
        senders: tuple[Domain | Mailbox, ...] = (
            *store.having(Domain, 'route'),
            *store.having(Mailbox, 'route'),
        )
    usual = rules.pop(EVERYWHERE, 'direct')
    chosen = {entry.key: entry.route for entry in senders}
    rows = [('all mail', _in_words(usual))]
    rows += [(f'from {key}', _in_words(route)) for key, route in chosen.items()]
    rows += [(f'to {key}', _in_words(route)) for key, route in sorted(rules.items())]
    skipped = actions.state().skipped
    rows += [(f'to {each.domain}', f'direct delivery failed, by relay until {each.until:%Y-%m-%d}')
             for each in skipped]  # fmt: skip
    data = {'all': usual, 'senders': chosen, 'destinations': rules,
            'skipped': [each.to_json() for each in skipped]}  # fmt: skip
    return Output(table(rows), data)


def _places(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """The kind and the key of each thing a way is chosen for."""
    if arguments.all:
        return [('destination', EVERYWHERE)]
    if arguments.domain:
        return [('domain', arguments.domain)]
    if arguments.mailbox:
        return [('mailbox', arguments.mailbox)]
    if EVERYWHERE in arguments.destination:
        raise MailError('domain-invalid')
    return [('destination', each) for each in arguments.destination]


def set_route(arguments: argparse.Namespace) -> Output:
    """Choose a way."""
    speak_english()
    way = '' if arguments.way == _DEFAULT else arguments.way
    places = _places(arguments)
    for scope, key in places:
        actions.choose(scope, key, way)
    if places[0][0] == 'destination':  # Postfix looks up the others itself
        follow()
    text = _in_words(way) if way else 'Default'
    names = ', '.join('all mail' if key == EVERYWHERE else key for _scope, key in places)
    return Output([f'{names}: {text}'], {'route': way, 'keys': [key for _scope, key in places]})


def test_route(arguments: argparse.Namespace) -> Output:
    """Test a way, and show the conversation."""
    speak_english()
    found = route_trial.run(arguments.sender, arguments.recipient)
    lines = []
    for step in found.steps:
        lines.append(f'{SIGNS[step.state]:8} {words.step(step)}')
        lines += [f'{"":8} {said}' for said in step.found]
    data = found.to_json()
    for step, each in zip(found.steps, data['steps'], strict=True):
        each['sentence'] = str(words.step(step))
    return Output(lines, {**data, 'works': found.works}, Exit.OK if found.works else Exit.FAILED)
