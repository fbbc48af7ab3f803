# SPDX-License-Identifier: AGPL-3.0-or-later
"""A stolen password writes to 500 strangers in a minute, and the household goes on as before."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.host import wait_for
from lab.limits import PATH
from lab.settings import ADMIN
from tests.conftest import Host

from . import mail, misuse
from .misuse import CALL, CAROL, held, strangers
from .test_frozen import make, refusals

SPAM, AT_ONCE = 500, 5


def spam(box: Host, login: str, password: str, recipients: list[str], mark: str) -> int:
    """Hand in a message to each of some strangers; how many were taken."""
    taken = 0
    with mail.submission(box.ip, login, password) as session:
        for recipient in recipients:
            message = mail.message(login, recipient, Subject=mark)
            taken += mail.answer(lambda m=message: session.send_message(m))[0] == 250  # type: ignore[misc]
    return taken


@pytest.mark.long
def test_a_stolen_password(box: Host, outside: Host) -> None:
    mark, kept = f'stolen {uuid.uuid4()}', box.run('cat', PATH)
    box.run('rm', PATH)
    misuse.forget_limits(box)
    try:
        with misuse.person(box) as user:
            stolen, phone = (make(box, user.address, label) for label in ('Tablet', 'Phone'))
            (friend,) = strangers(1)
            friendly = mail.message(user.address, friend)
            with mail.submission(box.ip, user.address, phone) as session:
                session.send_message(friendly)
            everyone = strangers(SPAM)
            begun = time.monotonic()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                parts = [everyone[start::AT_ONCE] for start in range(AT_ONCE)]
                jobs = [pool.submit(spam, box, user.address, stolen, part, mark) for part in parts]
                assert sum(job.result() for job in jobs) == SPAM, 'no message is lost'
            seconds = time.monotonic() - begun
            print(f'{SPAM} strangers in {seconds:.1f} s')
            assert seconds < 60
            assert held(box, user) == SPAM - 99, 'one friend and 99 strangers are 100 in an hour'
            wait_for('the administrator', lambda: misuse.notices(box, ADMIN, user.address), 60)
            frozen = misuse.told(box, 'mailbox', 'freeze', user.address)
            assert {each['label'] for each in frozen['passwords']} == {'Tablet', 'Phone'}
            assert all(each['last_sent'] for each in frozen['passwords'])
            assert all(refusals(box, user.address, stolen))
            box.run(CALL, 'app-password', 'remove', stolen[:4])
            box.run(CALL, 'mailbox', 'unfreeze', user.address)
            assert not any(refusals(box, user.address, phone)), 'the phone goes on'
            assert not mail.sends(box, user.address, stolen)
            misuse.wait_for_queue(box, user)
            assert misuse.arrived(outside, CAROL, mark, encrypted=False) == 99
            assert misuse.told(box, 'queue', 'release', user.address)['released'] == SPAM - 99
            misuse.wait_for_queue(box, user)
            assert misuse.arrived(outside, CAROL, mark, encrypted=False) == SPAM, 'each once'
            assert misuse.notices(box, ADMIN, user.address) == 1, 'told once'
            assert misuse.notices(box, user, user.address) == 1
    finally:
        box.run('install', '-D', '-m', '644', '/dev/stdin', PATH, stdin=kept)
        misuse.forget_limits(box)
