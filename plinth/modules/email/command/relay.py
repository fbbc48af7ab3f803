# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email relay …`."""

import argparse
import dataclasses
import sys
from typing import Any

from ..directory.relay import TLS, Relay, parse_host
from ..directory.routing import relays_of
from ..directory.store import Store
from ..maintenance import relaying as actions
from ..sending import presets
from .follow import follow
from .mailbox import read_password
from .output import Output, table
from .parser import Verbs

_IMPLICIT_PORT = 465


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    add = verbs.add(
        'add', add_relay, 'add a relay; the password is read from the terminal or input'
    )
    add.add_argument('name', help='a short name of your choice, for example provider')
    add.add_argument('--preset', metavar='NAME', help='take host, port, TLS and SPF from a preset')
    add.add_argument('--host', help='server name of the relay')
    change = verbs.add('change', change_relay, 'change the settings of a relay')
    change.add_argument('name', help='name of the relay')
    change.add_argument('--host', help='server name of the relay')
    change.add_argument(
        '--password', action='store_true', help='read a new password from the terminal or input'
    )
    for verb in (add, change):
        _add_settings(verb)
    listing = verbs.add('list', list_relays, 'list relays')
    listing.add_argument('--names', action='store_true', help='print only names, one per line')
    verbs.add('presets', list_presets, 'list presets of well-known relays')
    remove = verbs.add('remove', remove_relay, 'remove a relay and delete its password')
    remove.add_argument('name', help='name of the relay')


def _add_settings(verb: argparse.ArgumentParser) -> None:
    """Add the options a new relay and a changed one have in common."""
    verb.add_argument('--port', type=int, help='port, usually 587 or 465')
    verb.add_argument('--tls', choices=TLS, help='encryption: STARTTLS, SSL/TLS or none')
    verb.add_argument(
        '--verify', choices=('yes', 'no'), help='require a valid certificate (default: yes)'
    )
    verb.add_argument('--login', metavar='USER', help='user name at the relay')
    verb.add_argument(
        '--backup', nargs='*', metavar='NAME', help='relays to try if this one is down'
    )
    verb.add_argument('--spf', metavar='MECHANISM', help='SPF mechanism that allows this relay')
    verb.add_argument('--note', help='note for administrators')


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields an invocation names."""
    verify = {'yes': True, 'no': False, None: None}[arguments.verify]
    host = parse_host(arguments.host) if arguments.host else None
    backups = None if arguments.backup is None else ' '.join(arguments.backup)
    fields = {
        'host': host, 'port': arguments.port, 'tls': arguments.tls, 'verify': verify,
        'login': arguments.login, 'backups': backups, 'spf': arguments.spf, 'note': arguments.note,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def _output(relay: Relay, line: str) -> Output:
    return Output([line], {'relay': relay.to_json()})


def add_relay(arguments: argparse.Namespace) -> Output:
    """Add a relay."""
    name, given = Relay.normal_key(arguments.name), _given(arguments)
    if arguments.preset:
        relay = dataclasses.replace(presets.get(arguments.preset).relay, name=name, **given)
    else:
        if given.get('tls') == 'implicit':
            given.setdefault('port', _IMPLICIT_PORT)
        relay = Relay(name, **{'host': '', **given})
    password = read_password() if relay.login else ''
    added = actions.add(relay, password)
    follow()
    return _output(added, f'Added the relay {added.name}.')


def change_relay(arguments: argparse.Namespace) -> Output:
    """Change a relay."""
    with Store() as store:
        present = store.get(Relay, arguments.name)
    relay = dataclasses.replace(present, **_given(arguments), version='')
    password = read_password() if arguments.password else None
    changed = actions.change(relay, password)
    follow()
    return _output(changed, f'Changed the relay {changed.name}.')


def remove_relay(arguments: argparse.Namespace) -> Output:
    """Remove a relay."""
    removed = actions.remove(arguments.name)
    follow()
    return _output(removed, f'Removed the relay {removed.name}.')


def list_relays(arguments: argparse.Namespace) -> Output:
    """List relays, without their passwords."""
    with Store() as store:
        found = relays_of(store)
    known = actions.state().passwords
    data = {
        'relays': [
            {**each.to_json(), 'has_password': each.name in known} for each in found.values()
        ]
    }
    if arguments.names:
        return Output(list(found), data)
    rows = [
        (each.name, each.host, str(each.port), each.tls, '' if each.verify else 'not verified',
         each.login, 'no password' if each.login and each.name not in known else '')
        for each in found.values()
    ]  # fmt: skip
    return Output(table(rows) if rows else ['No relays found.'], data)


def list_presets(_arguments: argparse.Namespace) -> Output:
    """List the relays that are known."""
    found = presets.load()
    if not found:
        print('There are no presets.', file=sys.stderr)
    data = {
        'presets': [
            {**each.relay.to_json(), 'title': each.title, 'dkim': each.dkim} for each in found
        ]
    }
    rows = [
        (each.name, each.title, f'{each.relay.host}:{each.relay.port}', each.relay.spf)
        for each in found
    ]
    return Output(table(rows) if rows else [], data)
