# SPDX-License-Identifier: AGPL-3.0-or-later
"""A guarded mailbox with mail that waits, for the pictures of pages."""

import hashlib

from . import container
from .settings import BOX, DOMAINS, OUTSIDE_USERS, USERS

ADDRESS = f'emma@{DOMAINS[0]}'
_NAME = '1.M1P1.box'
MESSAGE = hashlib.sha256(_NAME.encode()).hexdigest()[:32]
"""The identifier of a message that waits (`mailstore/waiting.py`)."""
_PLACE = '/var/vmail/{domain}/{local}/freedombox-waiting/.Waiting/new'
_MESSAGES = {
    _NAME: (OUTSIDE_USERS[1].address, OUTSIDE_USERS[1].address, 'Football on Saturday?', ''),
    '2.M2P2.box': ('prizes@outside.test', 'unverified', 'You have won a phone', 'X-Spam: Yes\n'),
}


def add() -> None:
    """Have the mailbox, its rules and its mail."""
    call = 'freedombox-email'
    stdin = 'a-password-of-the-lab\n'
    container.execute(BOX, [call, 'mailbox', 'add', ADDRESS], stdin=stdin)
    rules = ['--guardian', USERS[0].username, '--known', OUTSIDE_USERS[0].address,
             '--known', '@school.example', '--write', 'known',
             '--hours', '1 15:00-19:00', '--hours', '6 10:00-20:00']  # fmt: skip
    container.execute(BOX, [call, 'guard', 'set', ADDRESS, *rules])
    bring()


def bring() -> None:
    """Have its mail wait, also what was decided on."""
    local, _at, domain = ADDRESS.partition('@')
    place = _PLACE.format(domain=domain, local=local)
    for name, (sender, author, subject, more) in _MESSAGES.items():
        head = f'From: {sender}\nSubject: {subject}\nX-FreedomBox-Author: {author}\n{more}'
        container.execute(BOX, ['install', '-D', '/dev/stdin', f'{place}/{name}'], stdin=head)
    container.execute(BOX, ['chown', '-R', 'vmail:vmail', f'/var/vmail/{domain}'])


def remove() -> None:
    """Remove all of it."""
    words = ['freedombox-email', 'mailbox', 'remove', ADDRESS, '--force', '--delete-mail']
    container.execute(BOX, words, check=False)
