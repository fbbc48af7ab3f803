# SPDX-License-Identifier: AGPL-3.0-or-later
"""A daemon that crashes comes back automatically: no one looks after a box at night."""

import time
from contextlib import suppress

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

ALICE, CAROL = settings.USERS[0], settings.OUTSIDE_USERS[0]
HELPERS = {'postfix': 'freedombox-email-tls-policy', 'dovecot': 'freedombox-email-sieve'}
pytestmark = pytest.mark.journal_may_say(r'.')
"""A crash is an error, and others say that they miss the daemon."""


@pytest.mark.parametrize('unit', ['slapd', 'dovecot', 'postfix', 'rspamd'])
def test_a_daemon_that_is_killed_comes_back(box: Host, unit: str) -> None:
    crash(box, unit)
    wait_for('mail to be read', lambda: reads(box), 30)


def test_the_directory_does_not_wait_for_itself_as_it_starts(box: Host) -> None:
    box.run('id', ALICE.username)
    began = time.monotonic()
    box.run('systemctl', 'restart', 'slapd')
    assert time.monotonic() - began < 5
    wait_for_users(box)


def test_no_one_is_refused_a_start_for_many_before(box: Host) -> None:
    for _time in range(12):
        box.run('systemctl', 'restart', 'slapd')
    wait_for_users(box)


def test_users_are_known_as_soon_as_the_directory_is_back(box: Host) -> None:
    for _time in range(5):
        box.run('id', ALICE.username)  # so that each worker has a connection
    box.run('systemctl', 'restart', 'slapd')
    wait_for_users(box)
    for _time in range(6):
        box.run('id', ALICE.username)
    crash(box, 'slapd')
    wait_for_users(box)
    for _time in range(6):
        box.run('id', ALICE.username)


def test_no_one_waits_for_users_while_the_directory_is_away(box: Host) -> None:
    box.run('systemctl', 'stop', 'slapd')
    try:
        began = time.monotonic()
        box.run('id', ALICE.username, check=False)
        assert time.monotonic() - began < 2
    finally:
        box.run('systemctl', 'start', 'slapd')
    wait_for_users(box)


@pytest.mark.parametrize('unit', HELPERS)
def test_a_socket_beside_a_daemon_listens_again_while_its_service_runs(
    box: Host, unit: str
) -> None:
    helper = HELPERS[unit]
    box.run('systemctl', 'start', f'{helper}.service')
    box.run('systemctl', 'restart', unit)
    assert box.run('systemctl', 'is-active', f'{helper}.socket', check=False).strip() == 'active'
    box.run('systemctl', 'start', f'{helper}.service')
    crash(box, unit)
    assert box.run('systemctl', 'is-active', f'{helper}.socket', check=False).strip() == 'active'


def test_mail_goes_out_before_and_after_postfix_was_restarted(box: Host, outside: Host) -> None:
    for _time in range(2):
        sent = mail.message(ALICE.address, CAROL.address)
        mail.submit(box.ip, ALICE, sent)
        mail.wait_for(outside.ip, CAROL, sent, encrypted=False)
        box.run('systemctl', 'restart', 'postfix')


def reads(box: Host) -> bool:
    """Whether mail can be read; a login process that outlives its master hangs up, or says no."""
    with suppress(OSError):
        return mail.reads(box, ALICE.address, ALICE.password)
    return False


def wait_for_users(box: Host) -> None:
    """Wait for nslcd, which starts a fifth of a second after slapd."""
    wait_for('nslcd', lambda: box.succeeds('systemctl', 'is-active', '-q', 'nslcd'), 10)
    box.run('id', ALICE.username)


def crash(box: Host, unit: str) -> None:
    """Kill a daemon as a fault of its own would, and wait until it is back."""
    before = wait_for(f'{unit} to be at rest', lambda: killed(box, unit), 30)
    wait_for(f'{unit} to come back', lambda: running(box, unit) not in ('', before), 30)


def killed(box: Host, unit: str) -> str:
    """The main process that got the signal; nothing while the unit is on its way."""
    process = running(box, unit)
    return process if process and box.succeeds('kill', '-SEGV', process) else ''


def running(box: Host, unit: str) -> str:
    """The main process of a unit once it is ready, nothing before."""
    shown = box.run('systemctl', 'show', '-P', 'ActiveState', '-P', 'MainPID', f'{unit}.service')
    state, process = sorted(shown.split(), reverse=True)
    return process if state == 'active' else ''
