# SPDX-License-Identifier: AGPL-3.0-or-later
"""Addresses blocked and unblocked by the command, with the real fail2ban and firewall."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)

FOUR, NETWORK, SIX = '192.0.2.77', '192.0.2.128/28', '2001:db8:77::7'
HOUSEHOLD = '2001:db8:77::/64'
PATIENCE = 20.0


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        ['freedombox-email', 'bans', *words], capture_output=True, text=True, check=False
    )


def listed() -> dict[str, str]:
    """Networks that are kept out, and why."""
    found = json.loads(run('list', '--json').stdout)['bans']
    return {each['network']: each['rule'] for each in found}


def firewall() -> str:
    """The rules of the firewall."""
    return subprocess.run(
        ['nft', 'list', 'ruleset'], capture_output=True, text=True, check=True
    ).stdout


def until(is_so: Callable[[], bool]) -> bool:
    """Whether something holds soon: fail2ban takes some time to start."""
    end = time.monotonic() + PATIENCE
    while not (found := is_so()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


@pytest.fixture(autouse=True)
def fixture_clean() -> Iterator[None]:
    yield
    for network in (FOUR, NETWORK, HOUSEHOLD):
        run('remove', network)


@pytest.mark.parametrize(('text', 'name'), [(FOUR, FOUR), (NETWORK, NETWORK), (SIX, HOUSEHOLD)])
def test_what_is_blocked_is_in_the_firewall_until_it_is_removed(text: str, name: str) -> None:
    done = run('add', text)
    assert (done.returncode, done.stdout) == (0, f'Blocked {name}.\n')
    assert listed()[name] == 'by-hand'
    assert name in firewall()
    assert name in run('list').stdout
    done = run('remove', text)
    assert (done.returncode, done.stdout) == (0, f'Unblocked {name}.\n')
    assert name not in listed()
    assert name not in firewall()


def test_it_has_no_end_and_outlives_a_restart() -> None:
    run('add', FOUR)
    (found,) = json.loads(run('list', '--json').stdout)['bans']
    assert found['until'] is None
    subprocess.run(['systemctl', 'restart', 'fail2ban'], check=True)
    assert until(lambda: FOUR in firewall())
    assert listed() == {FOUR: 'by-hand'}


@pytest.mark.parametrize(
    ('words', 'status', 'code'),
    [
        (('add', 'example.org'), 5, 'ban-invalid'),
        (('add', '127.0.0.1'), 5, 'ban-invalid'),
        (('add', '0.0.0.0/0'), 5, 'ban-invalid'),
        (('remove', FOUR), 3, 'ban-missing'),
    ],
)
def test_exit_codes(words: tuple[str, ...], status: int, code: str) -> None:
    done = run(*words, '--json')
    assert done.returncode == status
    assert json.loads(done.stdout)['error']['code'] == code


def test_no_address_is_blocked_twice() -> None:
    run('add', NETWORK)
    done = run('add', '192.0.2.130', '--json')
    assert done.returncode == 4
    assert json.loads(done.stdout)['error']['code'] == 'ban-exists'


def test_the_box_itself_cannot_be_blocked() -> None:
    own = subprocess.run(
        ['hostname', '--all-ip-addresses'], capture_output=True, text=True, check=True
    ).stdout.split()
    assert own
    for address in own:
        assert run('add', address).returncode == 5, address


def test_rules_are_shown_and_those_that_do_not_run() -> None:
    done = run('rules', '--json')
    assert done.returncode == 0
    names = {each['jail'].rpartition('email-')[2] for each in json.loads(done.stdout)['rules']}
    assert names == {'guesses', 'passwords', 'console', 'by-hand'}
    subprocess.run(['systemctl', 'stop', 'fail2ban'], check=True)
    try:
        done = run('list', '--json')
        assert done.returncode == 6
        assert json.loads(done.stdout)['error']['code'] == 'bans-down'
    finally:
        subprocess.run(['systemctl', 'start', 'fail2ban'], check=True)
        assert until(lambda: not run('list').returncode)
