# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postfix's own load generator is a client like any other, and all it sends arrives."""

import uuid

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
COUNT = 20


def test_all_messages_arrive(box: Host, outside: Host) -> None:
    subject = f'many {uuid.uuid4()}'
    outside.run(
        'smtp-source', '-c', '-s', '5', '-m', str(COUNT), '-l', '8000', '-S', subject,
        '-M', mail.HELO, '-f', CAROL.address, '-t', BOB.address, f'{box.ip}:25',
    )  # fmt: skip

    def arrived() -> int:
        with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
            session.select('INBOX', readonly=True)
            return len(session.search(None, 'HEADER', 'Subject', f'"{subject}"')[1][0].split())

    wait_for('all messages', lambda: arrived() >= COUNT, 30)
    assert arrived() == COUNT
