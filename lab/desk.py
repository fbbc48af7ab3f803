# SPDX-License-Identifier: AGPL-3.0-or-later
"""The browser's own network: one interface to the lab, which nothing else changes.

Chromium breaks off what it loads when an address of its machine comes or goes
(ERR_NETWORK_CHANGED), as they do here while machines of any lab start or stop. In a network of
its own it sees nothing of that. To the lab it is one more machine on the bridge, with an address
of its own: nothing between them translates addresses or forgets a connection.
"""

from pathlib import Path

from . import settings
from .host import run

NAME = f'fbxdesk{settings.LAB}'
INTERFACE = 'desk'
BROWSER = '/usr/bin/chromium'
NETWORK = Path('/run/netns', NAME)
_INSIDE = ('ip', '-netns', NAME)


def up() -> None:
    """Make the network. Safe to repeat, also after one that was cut short."""
    if NETWORK.exists() and run([*_INSIDE, 'route', 'show', 'default']).stdout:
        return
    down()
    run(['ip', 'netns', 'add', NAME])
    run(['ip', 'link', 'add', NAME, 'type', 'veth', 'peer', 'name', INTERFACE, 'netns', NAME])
    run(['ip', 'link', 'set', NAME, 'master', settings.BRIDGE, 'up'])
    run([*_INSIDE, 'link', 'set', 'lo', 'up'])
    run([*_INSIDE, 'link', 'set', INTERFACE, 'addrgenmode', 'none', 'up'])
    run([*_INSIDE, 'address', 'add', f'{settings.DESK}/{settings.PREFIX}', 'dev', INTERFACE])
    run([*_INSIDE, 'route', 'add', 'default', 'via', settings.GATEWAY])


def down() -> None:
    """Remove the network, and its interface with it."""
    if NETWORK.exists():
        run(['ip', 'netns', 'delete', NAME])


def chromium() -> Path:
    """The program that starts Chromium in this network, or where there is none, in the host's."""
    return Path(__file__).with_name('chromium') if NETWORK.exists() else Path(BROWSER)
