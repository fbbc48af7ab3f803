# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages that wait in the box's queue: made for real, and as many as a test wants."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab import container, settings
from lab.host import wait_for
from lab.settings import BOX, OUTSIDE

from . import mail

ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
REFUSED = 'Connection refused'
_COPY = """
import pathlib, shutil, sys
first = pathlib.Path('/var/spool/postfix/hold') / sys.argv[1]
for number in range(int(sys.argv[2])):
    copy = first.with_name(f'{first.name[:11]}{number:05d}')
    shutil.copy2(first, copy)
    shutil.chown(copy, 'postfix', 'postfix')
"""
"""Copies a message on hold: its queue is one folder, and a name ends with any number."""


@contextmanager
def unreachable() -> Iterator[None]:
    """The mail server of `outside.test` does not answer, so mail to it waits."""
    container.execute(OUTSIDE, ['systemctl', 'stop', 'postfix'])
    try:
        yield
    finally:
        container.execute(OUTSIDE, ['systemctl', 'reset-failed', 'postfix'], check=False)
        container.execute(OUTSIDE, ['systemctl', 'start', 'postfix'])


def told(*words: str) -> Any:
    """The output of `freedombox-email queue` as data."""
    done = container.execute(BOX, ['freedombox-email', 'queue', *words, '--json'])
    return json.loads(done.stdout)


def listed(*words: str) -> Any:
    """A listing of the queue."""
    return told('list', *words)['queue']


def message(number: int, *words: str) -> Any:
    """The message of this number in a listing."""
    return listed(*words)['messages'][number]


def send(recipient: str = '') -> str:
    """Hand in a message to a person elsewhere; its subject."""
    to = recipient or f'{CAROL.username}+{uuid.uuid4().hex[:8]}@{CAROL.domain}'
    sent = mail.message(ALICE.address, to)
    mail.submit(BOX.ip, ALICE, sent)
    return str(sent['Subject'])


def put_off(number: int) -> list[str]:
    """Hand in messages that can't be delivered, and wait for Postfix to put them off."""
    subjects = [send() for _ in range(number)]
    wait_for(
        'the messages to be put off',
        lambda: listed('--deferred', '--from', ALICE.address)['total'] >= number, 60, 0.5,
    )  # fmt: skip
    return subjects


def many(number: int) -> None:
    """Put a message on hold, and copies of it beside it."""
    put_off(1)
    found = message(0, '--from', ALICE.address)['id']
    told('hold', found)
    container.execute(BOX, ['python3', '-c', _COPY, found, str(number)])


def clear() -> None:
    """Leave an empty queue, and no server that Postfix takes for dead."""
    container.execute(BOX, ['postsuper', '-d', 'ALL'], check=False)
    container.execute(BOX, ['postqueue', '-f'])
