# SPDX-License-Identifier: AGPL-3.0-or-later
"""A guarded mailbox, and the mail that waits beside it, for tests."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from lab import settings
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail

CALL = 'freedombox-email'
MAIN = settings.DOMAINS[0]
CAROL, DAVE = settings.OUTSIDE_USERS


@contextmanager
def child(box: Host, *options: str) -> Iterator[LabUser]:
    """Have a guarded mailbox with a password of its own, which knows carol."""
    with directory.mailbox(box, f'kid-{uuid.uuid4().hex[:8]}@{MAIN}') as user:
        box.run(CALL, 'guard', 'set', user.address, '--known', CAROL.address, *options)
        yield user


def opened(user: LabUser) -> LabUser:
    """The mailbox by its address, which is its login."""
    return LabUser(user.address, user.password, user.domain)


def waiting(box: Host, user: LabUser) -> list[dict[str, Any]]:
    """The messages that wait."""
    found = json.loads(box.run(CALL, 'guard', 'waiting', '--json', user.address))
    return list(found['messages'])


def bring(box: Host, user: LabUser, sender: LabUser, **headers: str) -> EmailMessage:
    """A message that came in from outside."""
    sent = mail.message(sender.address, user.address, **headers)
    mail.deliver_in_time(box.ip, sent)
    return sent


def wait_until_waiting(box: Host, user: LabUser, sent: EmailMessage) -> dict[str, Any]:
    """The message once it waits."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        found[:] = [each for each in waiting(box, user) if each['subject'] == sent['Subject']]
        return bool(found)

    wait_for(f'{sent["Subject"]!r} to wait', look, 60)
    return found[0]


def arrived(box: Host, user: LabUser, sent: EmailMessage, folder: str = 'INBOX') -> EmailMessage:
    """The message in a folder of the mailbox."""
    login = opened(user)
    return mail.parsed(mail.wait_for(box.ip, login, sent, folder))


def notices(box: Host, guardian: LabUser, kid: LabUser) -> list[str]:
    """The texts of the notices a guardian got about a mailbox."""
    texts = []
    with mail.mailbox(box.ip, guardian.username, guardian.password) as session:
        session.select('INBOX', readonly=True)
        _, found = session.search(None, 'HEADER', 'Subject', f'"Mail for {kid.address}"')
        for number in found[0].split():
            _, parts = session.fetch(number.decode(), '(RFC822)')
            if isinstance(parts[0], tuple):
                texts.append(str(mail.parsed(bytes(parts[0][1])).get_content()))
    return texts


def link_to(box: Host, guardian: LabUser, kid: LabUser) -> str:
    """The secret of the first link in the notice about a mailbox."""
    wait_for('the guardian to be told', lambda: bool(notices(box, guardian, kid)), 60)
    return notices(box, guardian, kid)[0].partition('/email/approve/#')[2].split()[0]
