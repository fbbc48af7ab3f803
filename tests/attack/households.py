# SPDX-License-Identifier: AGPL-3.0-or-later
"""Households elsewhere, from which strangers come: addresses of this machine on the lab's bridge.

They are in none of the box's own networks, as strangers are. Each lab has its own, so several
can be tried at the same time; this machine answers for all of them.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from lab import host, settings
from tests.conftest import Host

FOURS = tuple(f'198.19.{settings.LAB}.{number}' for number in range(1, 31))
VICTIM = f'198.19.{settings.LAB}.99'
"""A household that does nothing, and has no address here."""
HOME = f'{settings.GATEWAY.rpartition(".")[0]}.54'
"""In the network of the box."""
SIX = f'2001:db8:9:{settings.LAB}61'
SIXES = tuple(f'{SIX}::{number:x}' for number in range(1, 6))
_LINK = f'2001:db8:9:{settings.LAB}60'
BOX_SIX = f'{_LINK}::ffff'
_GATEWAY_SIX = f'{_LINK}::1'
_GUESSES = """
import http.client, json, sys
for number in range(22):
    for command in ('allow', 'report'):
        connection = http.client.HTTPConnection('127.0.0.1', 8463, timeout=5)
        body = {'login': 'alice', 'pwhash': str(number), 'remote': sys.argv[1], 'success': False}
        connection.request('POST', f'/?command={command}', json.dumps(body))
        connection.getresponse().read()
"""
JAILS = ('guesses', 'passwords', 'console', 'by-hand')


def _bridge(verb: str) -> None:
    """Give the bridge all addresses, or take them away."""
    wanted = [(f'{each}/32', ()) for each in (*FOURS, HOME)]
    wanted += [(f'{each}/128', ('nodad',)) for each in SIXES]
    wanted.append((f'{_GATEWAY_SIX}/64', ('nodad',)))
    for address, flags in wanted:
        more = flags if verb == 'add' else ()
        host.run(['ip', 'address', verb, address, 'dev', settings.BRIDGE, *more], check=False)


@contextmanager
def elsewhere(box: Host) -> Iterator[None]:
    """Let strangers come to a box that has forgotten all there were, and no other after them."""
    way = ('-6', 'route', 'replace', f'{SIX}::/64', 'via', _GATEWAY_SIX)
    _bridge('add')
    box.run('ip', 'address', 'add', f'{BOX_SIX}/64', 'dev', 'host0', 'nodad', check=False)
    box.run('ip', *way)
    forget(box)
    try:
        yield
    finally:
        forget(box)
        box.run('ip', 'address', 'del', f'{BOX_SIX}/64', 'dev', 'host0', check=False)
        _bridge('del')


@contextmanager
def newcomer() -> Iterator[str]:
    """A household that was never here: Postfix knows for a day who waited for its greeting."""
    address = f'198.19.{128 + secrets.randbelow(128)}.{1 + secrets.randbelow(254)}'
    host.run(['ip', 'address', 'add', f'{address}/32', 'dev', settings.BRIDGE])
    try:
        yield address
    finally:
        host.run(['ip', 'address', 'del', f'{address}/32', 'dev', settings.BRIDGE])


def forget(box: Host) -> None:
    """Let the box forget what it counted and whom it keeps out."""
    box.run('fail2ban-client', 'unban', '--all')
    box.run('systemctl', 'restart', 'freedombox-email-auth-policy.service')


def banned(box: Host, jail: str = 'guesses') -> list[str]:
    """Whom a jail keeps out."""
    return box.run('fail2ban-client', 'get', f'freedombox-email-{jail}', 'banip').split()


def all_banned(box: Host) -> str:
    """Whom all jails keep out, those of FreedomBox too."""
    return box.run('fail2ban-client', 'banned')


def count_guesses(box: Host, source: str) -> None:
    """Tell the counter of more wrong passwords than there may be, as Dovecot does it."""
    box.run('python3', '-c', _GUESSES, source)


@contextmanager
def let_alone(box: Host, source: str) -> Iterator[None]:
    """Have a household not banned, whatever it does."""
    jails = [f'freedombox-email-{jail}' for jail in JAILS]
    for jail in jails:
        box.run('fail2ban-client', 'set', jail, 'addignoreip', source)
    try:
        yield
    finally:
        for jail in jails:
            box.run('fail2ban-client', 'set', jail, 'delignoreip', source)
