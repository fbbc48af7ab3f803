# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email component …`: optional parts of the mail system."""

import argparse

from ..directory.component import COMPONENTS, get_component
from ..maintenance import component_setup
from ..system import free_room
from ..words.components import INSTALLED, REMOVED, WORDS
from .output import Output, table
from .parser import Verbs
from .who import who


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    listing = verbs.add('list', list_components, 'list components, and what they need')
    listing.add_argument('--names', action='store_true', help='print only names, one per line')
    install = verbs.add('install', install_component, 'install a component')
    remove = verbs.add('remove', remove_component, 'remove a component and its software')
    for verb in (install, remove):
        verb.add_argument('name', help='as printed by: freedombox-email component list')


def list_components(arguments: argparse.Namespace) -> Output:
    """List the optional parts."""
    found, there = component_setup.look().components, free_room.look()
    data = {'components': [each.to_json() for each in found], 'room': there.to_json()}
    if arguments.names:
        return Output([each.name for each in found], data)
    rows = [('name', 'state', 'memory', 'disk', 'title')]
    for each in found:
        needs = COMPONENTS[each.name]
        state = {None: 'not installed', True: 'runs', False: 'down'}[each.runs]
        rows.append((each.name, state, f'{needs.memory_mb} MB', f'{needs.disk_mb} MB',
                     WORDS[each.name].title))  # fmt: skip
    return Output([*table(rows), f'This system has {there.memory_mb} MB of free memory and '
                   f'{there.disk_mb} MB of free disk space.'], data)  # fmt: skip


def _done(name: str, text: str) -> Output:
    return Output([text.format(title=WORDS[name].title)], {'component': name})


def install_component(arguments: argparse.Namespace) -> Output:
    """Install an optional part."""
    component = get_component(arguments.name)
    component_setup.install(component.name, [who()])
    return _done(component.name, INSTALLED)


def remove_component(arguments: argparse.Namespace) -> Output:
    """Remove an optional part."""
    component = get_component(arguments.name)
    component_setup.remove(component.name, [who()])
    return _done(component.name, REMOVED)
