# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mailbox with limits of its own, strangers to write to, and what became of it."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab import settings
from lab.host import wait_for
from lab.settings import ADMIN, LabUser
from tests.conftest import Host

from . import directory, mail
from .imap import Imap

CALL = 'freedombox-email'
MAIN = settings.DOMAINS[0]
CAROL = settings.OUTSIDE_USERS[0]
LIMITS = 'freedombox-email-limits'


def told(box: Host, *words: str) -> Any:
    """The output of the command as data."""
    return json.loads(box.run(CALL, *words, '--json'))


def forget_limits(box: Host) -> None:
    """Have the service look into the directory again, at once."""
    box.run('systemctl', 'stop', f'{LIMITS}.service')


@contextmanager
def person(box: Host, **limits: int) -> Iterator[LabUser]:
    """A mailbox with a password of its own and these limits."""
    with directory.mailbox(box, f'misuse-{uuid.uuid4().hex[:8]}@{MAIN}') as user:
        limit(box, user, **limits)
        try:
            yield user
        finally:
            box.run(CALL, 'queue', 'delete', user.address, '--count=999', check=False)


def limit(box: Host, user: LabUser, **limits: int) -> None:
    """Give a mailbox limits of its own."""
    options = [f'--{name.replace("_", "-")}={most}' for name, most in limits.items()]
    if options:
        box.run(CALL, 'limits', 'mailbox', user.address, *options)
    forget_limits(box)


def strangers(number: int) -> list[str]:
    """Addresses elsewhere that no one has written to before; all of them are Carol's."""
    mark = uuid.uuid4().hex[:10]
    return [f'{CAROL.username}+{mark}-{each}@{CAROL.domain}' for each in range(number)]


def send(box: Host, user: LabUser, *recipients: str, mark: str = '') -> tuple[int, str]:
    """Hand in one message to recipients, and the answer."""
    message = mail.message(user.address, recipients[0], Subject=mark or f'misuse {uuid.uuid4()}')

    def hand_in() -> None:
        with mail.submission(box.ip, user.address, user.password) as session:
            session.send_message(message, user.address, list(recipients))

    return mail.answer(hand_in)


def held(box: Host, user: LabUser) -> int:
    """How many messages of a mailbox are held."""
    groups = told(box, 'queue', 'list')['queue']['held']
    return next((each['messages'] for each in groups if each['login'] == user.address), 0)


def arrived(host: Host, user: LabUser, mark: str, *, encrypted: bool = True) -> int:
    """How many messages with a subject are in an inbox."""
    with mail.mailbox(host.ip, user.username, user.password, encrypted) as session:
        session.select('INBOX', readonly=True)
        _, found = session.search(None, 'SUBJECT', f'"{mark}"')
        return len(found[0].split())


def is_ended(session: Imap) -> bool:
    """Whether the server has ended a session; it may say so before the line goes."""
    try:
        for _ in range(3):
            session.do('NOOP')
    except (EOFError, OSError, AssertionError):
        return True
    return False


def wait_for_queue(box: Host, user: LabUser) -> None:
    """Wait until no message of a mailbox is on its way."""

    def moving() -> list[str]:
        lines = box.run('postqueue', '-j').splitlines()
        entries = [json.loads(line) for line in lines]
        return [each['queue_id'] for each in entries
                if each['sender'] == user.address and each['queue_name'] != 'hold']  # fmt: skip

    wait_for(f'mail of {user.address} to be gone', lambda: not moving(), 60, 0.5)


def notices(box: Host, user: LabUser, about: str, subject: str = 'held') -> int:
    """How many notices about an address a person got."""
    login = user.username if user == ADMIN else user.address
    with mail.mailbox(box.ip, login, user.password) as session:
        session.select('INBOX', readonly=True)
        _, found = session.search(None, 'TEXT', f'"{about}"', 'SUBJECT', f'"{subject}"')
        return len(found[0].split())
