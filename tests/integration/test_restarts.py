# SPDX-License-Identifier: AGPL-3.0-or-later
"""A daemon that crashes comes back by itself: nobody looks after a box at night."""

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from .mail import reads

ALICE = settings.USERS[0]
pytestmark = pytest.mark.journal_may_say(r'.')
"""A crash is an error, and others say that they miss the daemon."""


@pytest.mark.parametrize('unit', ['slapd', 'dovecot', 'postfix', 'rspamd'])
def test_a_daemon_that_is_killed_comes_back(box: Host, unit: str) -> None:
    before = running(box, unit)
    box.run('kill', '-SEGV', before)
    wait_for(f'{unit} to come back', lambda: running(box, unit) not in ('', before), 30)
    wait_for('mail to be read', lambda: reads(box, ALICE.address, ALICE.password), 30)
    box.run('systemctl', 'reset-failed', unit)  # so that other tests may stop and start it
    box.run('systemctl', 'restart', 'nslcd')  # each of its threads would miss slapd once


def running(box: Host, unit: str) -> str:
    """The main process of a unit once it is ready, nothing before."""
    shown = box.run('systemctl', 'show', '-P', 'ActiveState', '-P', 'MainPID', f'{unit}.service')
    state, process = sorted(shown.split(), reverse=True)
    return process if state == 'active' else ''
