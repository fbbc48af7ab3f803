# SPDX-License-Identifier: AGPL-3.0-or-later
"""Entries of the box's directory that a test needs for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from lab.settings import LabUser
from tests.conftest import Host

_COMMAND = 'freedombox-email'


@contextmanager
def domain(box: Host, name: str, alias_of: str | None = None) -> Iterator[str]:
    """Have a mail domain, or one that shares the addresses of another."""
    options = ['--alias-of', alias_of] if alias_of else []
    box.run(_COMMAND, 'domain', 'add', *options, name)
    try:
        yield name
    finally:
        box.run(_COMMAND, 'domain', 'remove', '--force', name)


@contextmanager
def mailbox(box: Host, address: str) -> Iterator[LabUser]:
    """Have a mailbox with a password of its own."""
    local_part, _, name = address.partition('@')
    user = LabUser(local_part, 'a password of its own', name)
    box.run(_COMMAND, 'mailbox', 'add', address, stdin=user.password + '\n')
    try:
        yield user
    finally:
        box.run(_COMMAND, 'mailbox', 'remove', '--delete-mail', address)


@contextmanager
def alias(box: Host, address: str, *destinations: str) -> Iterator[str]:
    """Have an alias."""
    box.run(_COMMAND, 'alias', 'add', address, *destinations)
    try:
        yield address
    finally:
        box.run(_COMMAND, 'alias', 'remove', address)


@contextmanager
def switched_off(box: Host, entry: str) -> Iterator[None]:
    """Have an entry below ou=mail switched off, as the pages do it."""

    def switch(value: str) -> None:
        change = f'replace: fbxMailEnabled\nfbxMailEnabled: {value}\n'
        modify(box, f'dn: {entry},ou=mail,dc=thisbox\nchangetype: modify\n{change}')

    switch('FALSE')
    try:
        yield
    finally:
        switch('TRUE')


def modify(box: Host, ldif: str) -> None:
    """Change the directory as root."""
    box.run('ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///', stdin=ldif)
