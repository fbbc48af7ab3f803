# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages that wait for a mail server that does not answer, for the pictures of pages."""

import json
import smtplib
from typing import Any

from . import container
from .host import wait_for
from .settings import BOX, OUTSIDE, OUTSIDE_USERS, USERS

SUBJECTS = ('Fair', 'Minutes', 'Choir')


def _listed() -> list[dict[str, Any]]:
    """The messages that were put off."""
    done = container.execute(BOX, ['freedombox-email', 'queue', 'list', '--deferred', '--json'])
    found: list[dict[str, Any]] = json.loads(done.stdout)['queue']['messages']
    return found


def put_off() -> str:
    """Have messages that wait; the name of one of them."""
    container.execute(OUTSIDE, ['systemctl', 'stop', 'postfix'])
    alice, domain = USERS[0], OUTSIDE_USERS[0].domain
    with smtplib.SMTP_SSL(BOX.ip) as session:
        session.login(alice.username, alice.password)
        for subject in SUBJECTS:
            text = f'Subject: {subject}\nFrom: {alice.address}\n\nSee you there.\n'
            session.sendmail(alice.address, f'{subject.lower()}@{domain}', text)
    wait_for('messages to be put off', lambda: len(_listed()) >= len(SUBJECTS), 60)
    return str(_listed()[0]['id'])


def clear() -> None:
    """Delete them, and have the server answer again."""
    container.execute(BOX, ['postsuper', '-d', 'ALL'], check=False)
    container.execute(OUTSIDE, ['systemctl', 'reset-failed', 'postfix'], check=False)
    container.execute(OUTSIDE, ['systemctl', 'start', 'postfix'])
    container.execute(BOX, ['postqueue', '-f'])  # or Postfix takes the server for dead
