# SPDX-License-Identifier: AGPL-3.0-or-later
"""A shared mailbox that is about to be handed over, for the pictures of pages."""

from . import container
from .settings import ADMIN, BOX, DOMAINS, USERS

ADDRESS = f'treasurer@{DOMAINS[0]}'


def _mail(*words: str, stdin: str | None = None, check: bool = True) -> None:
    container.execute(BOX, ['freedombox-email', *words], stdin=stdin, check=check)


def add() -> None:
    """Have the mailbox, its members, a plan and an end."""
    alice, bob = USERS
    _mail('mailbox', 'add', ADDRESS, stdin='a-password-of-the-lab\n')
    _mail('members', 'set', ADDRESS, alice.username)
    _mail('members', 'set', ADDRESS, bob.username, 'read')
    plan = ['--on', '2027-01-01', '--out', alice.username, '--in', ADMIN.username]
    _mail('members', 'hand-over', ADDRESS, *plan)
    farewell = f'The club is closed. Write to office@{DOMAINS[0]}.'
    _mail('end-date', 'set', ADDRESS, '2028-12-31', '--farewell', farewell)


def remove() -> None:
    """Remove all of it."""
    _mail('mailbox', 'remove', ADDRESS, '--force', '--delete-mail', check=False)
