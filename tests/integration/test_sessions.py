# SPDX-License-Identifier: AGPL-3.0-or-later
"""One household may read mail with all its programs at once."""

from contextlib import ExitStack

from lab import settings
from tests.conftest import Host

from . import mail

ALICE, BOB = settings.USERS
ENOUGH = 50


def test_fifty_sessions_of_one_user_from_one_address(box: Host) -> None:
    with ExitStack() as stack:
        sessions = []
        for _ in range(ENOUGH):
            opened = mail.mailbox(box.ip, ALICE.username, ALICE.password)
            sessions.append(stack.enter_context(opened))
        other = stack.enter_context(mail.mailbox(box.ip, BOB.username, BOB.password))
        assert {session.noop()[0] for session in [*sessions, other]} == {'OK'}
        known = box.run('doveadm', '-f', 'tab', 'who', ALICE.address).splitlines()
        assert sum(int(line.split('\t')[1]) for line in known[1:]) >= ENOUGH
